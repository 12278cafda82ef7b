import Logging
import VexportCore

/// Brings together what plugins say with who wants it, and what happens with the plugins that want to know. Used on the
/// host's thread only.
final class HookDesk {
    typealias Instant = ContinuousClock.Instant

    /// Events come by the thousand in a storm: they are told in lines of many.
    private static let feedInterval = Duration.milliseconds(50)

    private var rules: MetricRules
    private let board: ForeignBoard
    private let enrich: LinkEnrichment.Taker
    private let logger: Logger
    private var reports: [String: PluginReport] = [:]
    private var enrichments = EnrichDesk()
    private var feed: EventFeed
    private var nextFeed = Instant.now
    /// Of notifications that plugins are delivering, by number.
    private var deliveries: [UInt64: PluginInbox.Delivery] = [:]
    private var lastNumber: UInt64 = 0

    init(
        _ rules: MetricRules, _ board: ForeignBoard, _ journal: EventJournal, _ logger: Logger,
        enrich: @escaping LinkEnrichment.Taker
    ) {
        self.rules = rules
        self.board = board
        self.enrich = enrich
        self.logger = logger
        feed = EventFeed(journal)
    }

    // MARK: - Plugins

    func welcome(_ plugin: String) { reports[plugin] = PluginReport() }

    /// A plugin is gone, with all that it said.
    func dismiss(_ plugin: String) {
        reports[plugin] = nil
        board.publish([], by: plugin)
        enrichments.remove(plugin)
        feed.dismiss(plugin)
        for (number, delivery) in deliveries where delivery.message.plugin == plugin {
            deliveries[number] = nil
            delivery.completion(.retry(reason: "the plugin was ended"))
        }
    }

    /// Puts labels where they are wanted.
    func publishLabels(in order: [String]) { enrich(.labels(enrichments.labels(in: order))) }

    /// What a plugin is asked about once an interval.
    func question(for plugin: String) -> [UInt8] { enrichments.question(for: plugin, newOnly: false) }

    func figures(of plugin: String) -> PluginFigures { reports[plugin]?.figures ?? PluginFigures() }

    // MARK: - From the plugins

    func take(_ news: PluginNews, from runner: PluginRunner, among order: [String]) {
        let name = runner.settings.name
        guard var report = reports[name] else { return }
        switch news {
        case .refusal(let refusal): report.take(refusal)
        case .outcome(let outcome): take(outcome, of: runner.settings, &report, order)
        }
        report.figures.starts = runner.starts
        for news in report.takeNews() {
            logger.log(level: news.level, "\(news.text)", metadata: ["plugin": "\(name)"])
        }
        reports[name] = report
    }

    private func take(
        _ outcome: PluginOutcome, of settings: PluginSettings, _ report: inout PluginReport, _ order: [String]
    ) {
        let name = settings.name
        var result = outcome.result.map { _ in }
        switch outcome.work {
        case .collect:
            rules.budget = settings.mostSeries
            let families = report.takeMetrics(outcome, rules, board.takeLosses(of: name), at: .now)
            return board.publish(families, by: name)
        case .enrich:
            guard case .success(let json) = outcome.result else { break }
            do throws(PluginFailure) {
                report.take(try enrichments.take(json, of: name).losses)
                publishLabels(in: order)
            } catch { result = .failure(error) }
        case .deliver(let number):
            let verdict: DeliveryVerdict =
                if case .failure(let failure) = outcome.result { .retry(reason: "\(failure)") } else { .delivered }
            deliveries.removeValue(forKey: number)?.completion(verdict)
        case .run:
            feed.dismiss(name)
            if case .success = result {
                if settings.hooks.contains(.observe) { feed.welcome(name) }
            } else {
                // What it said before it failed is no news any more.
                board.publish([], by: name)
                report.figures.series = 0
            }
        }
        report.take(outcome.work, result, took: outcome.took, at: .now)
    }

    // MARK: - To the plugins

    func take(_ inbox: PluginInbox, _ runners: [PluginRunner], at now: Instant) {
        if let links = inbox.links { enrichments.setLinks(links) }
        if let findings = inbox.findings { feed.setFindings(findings) }
        for delivery in inbox.deliveries {
            lastNumber += 1
            let message = delivery.message
            let runner = runners.first { $0.settings.name == message.plugin && $0.settings.hooks.contains(.deliver) }
            deliveries[lastNumber] = delivery
            let content = { StreamLine.member("notification", message.json) }
            if runner?.ask(.deliver(lastNumber), at: now, content) == true { continue }
            deliveries.removeValue(forKey: lastNumber)?.completion(.retry(reason: "the plugin is not ready"))
        }
    }

    /// Tells and asks what is new.
    func feed(_ runners: [PluginRunner], at now: Instant) {
        for runner in runners where runner.settings.hooks.contains(.enrich) && runner.settings.mode == .stream {
            let name = runner.settings.name
            guard enrichments.hasNews(for: name) else { continue }
            _ = runner.ask(.enrich, at: now) {
                StreamLine.member("links", enrichments.question(for: name, newOnly: true))
            }
        }
        guard now >= nextFeed else { return }
        for runner in runners where runner.hasRoom {
            guard let line = feed.line(for: runner.settings.name) else { continue }
            runner.tell(line, at: now)
            nextFeed = now + Self.feedInterval
        }
    }

    /// When there is something to tell; nil while there is not, or nobody reads.
    func deadline(_ runners: [PluginRunner]) -> Instant? {
        runners.contains { $0.hasRoom && feed.hasNews(for: $0.settings.name) } ? nextFeed : nil
    }
}
