internal import CSpawn
import Glibc
public import Logging
public import VexportCore

extension PluginHost {
    /// Runs a plugin once, as the daemon would, and waits for what comes of it.
    ///
    /// - Parameters:
    ///   - taken: names of metrics that plugins may not use.
    ///   - logger: is told what the plugin says on standard error.
    /// - Returns: what it returned, or why it failed.
    public static func tryOut(_ settings: PluginSettings, taken: Set<String>, logger: Logger) -> Feature {
        signal(SIGPIPE, SIG_IGN)
        _ = vexport_adopt_orphans()
        var outcome: PluginOutcome?
        let runner = PluginRunner(settings, IntervalRuns(settings, first: .now), logger: logger) { outcome = $0 }
        while true {
            runner.work(at: .now)
            if outcome != nil, runner.process == nil { break }
            PluginLoop.wait(for: [runner], until: runner.deadline)
        }
        while case let swept = OrphanSweep.run(sparing: []), !swept.isDone || !swept.killed.isEmpty {
            _ = poll(nil, 0, 10)
        }
        return feature(settings, outcome!, MetricRules(taken: taken, budget: settings.mostSeries))
    }

    private static func feature(_ settings: PluginSettings, _ outcome: PluginOutcome, _ rules: MetricRules) -> Feature {
        var report = PluginReport()
        let families = report.take(outcome, rules, nil, at: .wallClock)
        let name = "plugin \(settings.name)"
        let problems = report.takeNews().map(\.text)
        guard problems.isEmpty else {
            return Feature(
                name,
                .missing(
                    reason: problems.joined(separator: "; "), cost: "what the plugin is for",
                    remedy: "the plugin's author"))
        }
        let names = families.map(\.name).joined(separator: ", ")
        return Feature(
            name, .works(facts: "\(report.figures.series) series in \(Int(outcome.took.seconds * 1000)) ms: \(names)"))
    }
}
