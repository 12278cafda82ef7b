import Logging
import VexportCore

/// What is known of a plugin's work so far, and what of it is news for the log.
struct PluginReport {
    var figures = PluginFigures()
    /// By the kind of work.
    private var failures: [String: PluginFailure] = [:]
    private var refusal: String?
    private var news: [(level: Logger.Level, text: String)] = []

    /// Takes in what came of a request for metrics.
    ///
    /// - Parameter others: what was left out of its metrics before, since other plugins have it.
    /// - Returns: its metrics. A plugin that failed has none.
    mutating func takeMetrics(
        _ outcome: PluginOutcome, _ rules: MetricRules, _ others: MetricLosses?, at now: Timestamp
    ) -> [ForeignFamily] {
        var families: [ForeignFamily] = []
        var losses = others ?? MetricLosses()
        var result = outcome.result.map { _ in }
        if case .success(let bytes) = outcome.result {
            do throws(MetricProblem) {
                let (admitted, left) = rules.admit(try MetricText.parse(bytes))
                families = admitted
                losses.add(left)
            } catch {
                losses.add(MetricLosses(error))
                result = .failure(PluginFailure("printed what is not Prometheus' text format: \(error)"))
            }
        }
        figures.add(losses)
        figures.series = families.reduce(0) { $0 + $1.samples.count }
        take(outcome.work, result, took: outcome.took, at: now)
        noteRefusal((try? result.get()) == nil ? nil : losses.example?.description)
        return families
    }

    /// Takes in how a piece of work went.
    mutating func take(
        _ work: PluginWork, _ result: Result<Void, PluginFailure>, took: Duration, at now: Timestamp
    ) {
        let wasUp = failures.isEmpty
        switch result {
        case .success:
            failures[work.name] = nil
            if work != .run { figures.lastSuccess = now }
            if failures.isEmpty, !wasUp { news.append((.info, "the plugin works again")) }
        case .failure(let failure):
            let isNews = !failures.values.contains(failure)
            failures[work.name] = failure
            if isNews { news.append((.error, "the plugin failed: \(failure)")) }
        }
        figures.isUp = failures.isEmpty
        if work != .run { figures.duration = took }
    }

    /// Takes in what was left out of its labels.
    mutating func take(_ losses: MetricLosses) {
        figures.add(losses)
        noteRefusal(losses.example?.description)
    }

    /// Takes in that something it said counts for nothing.
    mutating func take(_ refusal: PluginRefusal) {
        figures.dropped[refusal.reason.rawValue, default: 0] += 1
        noteRefusal("\(refusal.reason.rawValue): \(refusal.text)")
    }

    /// What the log is to tell, once each.
    mutating func takeNews() -> [(level: Logger.Level, text: String)] {
        defer { news = [] }
        return news
    }

    private mutating func noteRefusal(_ refusal: String?) {
        if let refusal, refusal != self.refusal {
            news.append((.warning, "left out of what the plugin says: \(refusal)"))
        }
        self.refusal = refusal
    }
}
