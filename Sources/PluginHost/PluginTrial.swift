internal import CSpawn
import Glibc
public import Logging
public import VexportCore

extension PluginHost {
    /// Runs a plugin once, as the daemon would, and waits for what comes of it.
    ///
    /// - Parameters:
    ///   - taken: names of metrics that plugins may not use.
    ///   - links: what a plugin with labels for links is asked about.
    ///   - logger: is told what the plugin says on standard error.
    /// - Returns: what it returned, or why it failed.
    /// - Throws: `SystemCallError` when the process has no descriptors left.
    public static func tryOut(
        _ settings: PluginSettings, taken: Set<String>, links: FrameLinks?, logger: Logger
    ) throws -> Feature {
        signal(SIGPIPE, SIG_IGN)
        _ = vexport_adopt_orphans()
        let trial = PluginTrial(settings, MetricRules(taken: taken, budget: settings.mostSeries), links)
        try trial.run(logger)
        while case let swept = OrphanSweep.run(sparing: []), !swept.isDone || !swept.killed.isEmpty {
            _ = poll(nil, 0, 10)
        }
        return trial.feature
    }
}

/// A plugin that is asked once for each thing that it does.
private final class PluginTrial {
    private let settings: PluginSettings
    private let rules: MetricRules
    private var report = PluginReport()
    private var facts: [String] = []
    /// What it has not done yet.
    private var open: Set<PluginWork>
    private var enrichments = EnrichDesk()

    init(_ settings: PluginSettings, _ rules: MetricRules, _ links: FrameLinks?) {
        if let links { enrichments.setLinks(links) }
        self.settings = settings
        self.rules = rules
        open = Set(settings.hooks.compactMap(\.work) + (settings.mode == .stream ? [.run] : []))
    }

    func run(_ logger: Logger) throws(SystemCallError) {
        let wakeUp = try WakeUp()
        var lastID: UInt64 = 0
        let mode = settings.makeMode(
            first: .now,
            makeID: {
                lastID += 1
                return lastID
            }, links: { [self] in enrichments.question(for: settings.name, newOnly: false) })
        let runner = PluginRunner(settings, mode, logger: logger, report: take)
        while !open.isEmpty {
            runner.work(at: .now)
            if !open.isEmpty { wakeUp.wait(for: runner.sources, until: runner.deadline) }
        }
        runner.stop(at: .now, grace: PluginLoop.grace)
        while runner.process != nil {
            wakeUp.wait(for: runner.sources, until: runner.deadline)
            runner.work(at: .now)
        }
    }

    private func take(_ news: PluginNews) {
        switch news {
        case .refusal(let refusal): report.take(refusal)
        case .outcome(let outcome):
            // Only the first time counts. A program that is not there any more does nothing else.
            guard open.remove(outcome.work) != nil else { return }
            if case .failure = outcome.result, outcome.work == .run { open = [] }
            take(outcome)
        }
    }

    private func take(_ outcome: PluginOutcome) {
        var result = outcome.result.map { _ in }
        let milliseconds = Int(outcome.took.seconds * 1000)
        switch outcome.work {
        case .collect:
            let families = report.takeMetrics(outcome, rules, nil, at: .now)
            let names = families.map(\.name).joined(separator: ", ")
            return facts.append("\(report.figures.series) series in \(milliseconds) ms: \(names)")
        case .enrich:
            guard case .success(let json) = outcome.result else { break }
            do throws(PluginFailure) {
                let (losses, count) = try enrichments.take(json, of: settings.name)
                report.take(losses)
                facts.append("labels for \(count) links in \(milliseconds) ms")
            } catch { result = .failure(error) }
        case .run: facts.append("said hello in \(milliseconds) ms")
        case .deliver: break
        }
        report.take(outcome.work, result, took: outcome.took, at: .now)
    }

    var feature: Feature {
        let name = "plugin \(settings.name)"
        let problems = report.takeNews().map(\.text)
        guard problems.isEmpty else {
            return Feature(
                name,
                .missing(
                    reason: problems.joined(separator: "; "), cost: "what the plugin is for",
                    remedy: settings.remedy))
        }
        return Feature(name, .works(facts: facts.joined(separator: "; ")))
    }
}

extension PluginSettings {
    /// What would make it work.
    fileprivate var remedy: String {
        let isLibrary = command.first == Self.ownProgram
        guard let path = isLibrary ? command.last : command.first, unsafe access(path, F_OK) != 0,
            [ENOENT, ENOTDIR].contains(SystemCallError.last("find the file").code)
        else { return "the plugin's author" }
        return "install the plugin, or correct '\(isLibrary ? "library" : "command")' in the configuration"
    }
}
