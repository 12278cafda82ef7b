import Logging
import VexportCore

/// What is known of a plugin's work so far, and what of it is news for the log.
struct PluginReport {
    var figures = PluginFigures()
    private var failure: PluginFailure?
    private var refusal: MetricProblem?
    private var news: [(level: Logger.Level, text: String)] = []

    /// Takes in what came of a piece of work.
    ///
    /// - Parameter others: what was left out of its metrics before, since other plugins have it.
    /// - Returns: its metrics. A plugin that failed has none.
    mutating func take(
        _ outcome: PluginOutcome, _ rules: MetricRules, _ others: MetricLosses?, at now: Timestamp
    ) -> [ForeignFamily] {
        var families: [ForeignFamily] = []
        var losses = others ?? MetricLosses()
        var failure: PluginFailure?
        switch outcome.result {
        case .failure(let reason): failure = reason
        case .success(let bytes):
            do throws(MetricProblem) {
                let (admitted, left) = rules.admit(try MetricText.parse(bytes))
                families = admitted
                losses.add(left)
            } catch {
                losses.add(MetricLosses(error))
                failure = PluginFailure("printed what is not Prometheus' text format: \(error)")
            }
        }
        figures.add(losses)
        figures.isUp = failure == nil
        figures.duration = outcome.took
        figures.series = families.reduce(0) { $0 + $1.samples.count }
        if failure == nil { figures.lastSuccess = now }
        note(failure, losses.example)
        return families
    }

    /// What the log is to tell, once each.
    mutating func takeNews() -> [(level: Logger.Level, text: String)] {
        defer { news = [] }
        return news
    }

    private mutating func note(_ failure: PluginFailure?, _ refusal: MetricProblem?) {
        if let failure, failure != self.failure { news.append((.error, "the plugin failed: \(failure)")) }
        if failure == nil, self.failure != nil { news.append((.info, "the plugin works again")) }
        if failure == nil, let refusal, refusal != self.refusal {
            news.append((.warning, "left out of the plugin's metrics: \(refusal)"))
        }
        (self.failure, self.refusal) = (failure, refusal)
    }
}
