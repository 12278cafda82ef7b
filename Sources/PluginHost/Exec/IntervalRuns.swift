import VexportCore

/// A plugin that is started once an interval: when, for how long, and what came of it.
struct IntervalRuns: PluginMode {
    private struct Run {
        var start: Instant
        var output: [UInt8] = []
        /// It was killed, and its failure told; its end is still to come.
        var isDying = false
    }

    private let settings: PluginSettings
    /// What enrichment is asked of, as the plugin reads it.
    private let question: () -> [UInt8]
    private var next: Instant
    private var run: Run?

    /// - Parameters:
    ///   - first: when the first run is due.
    ///   - question: what a run reads from its standard input.
    init(_ settings: PluginSettings, first: Instant, question: @escaping () -> [UInt8] = { [] }) {
        self.settings = settings
        self.question = question
        next = first
    }

    var deadline: Instant {
        guard let run else { return next }
        // A process that dies tells of it by itself.
        return run.start + settings.timeout + (run.isDying ? .seconds(3600) : .zero)
    }

    mutating func pass(at now: Instant) -> [PluginAction] {
        if let run {
            guard !run.isDying, now >= run.start + settings.timeout else { return [] }
            return kill("took longer than \(settings.timeout.seconds) s", at: now)
        }
        guard now >= next else { return [] }
        // Runs that would have begun while this one took its time are left out.
        while next <= now { next += settings.interval }
        run = Run(start: now)
        return [.start(input: question(), endsInput: true)]
    }

    mutating func take(_ bytes: ArraySlice<UInt8>, at now: Instant) -> [PluginAction] {
        guard let run, !run.isDying else { return [] }
        guard run.output.count + bytes.count <= settings.mostOutput else {
            return kill("printed more than \(settings.mostOutput) bytes", at: now)
        }
        self.run?.output += bytes
        return []
    }

    mutating func end(_ end: PluginEnd, at now: Instant) -> [PluginAction] {
        defer { run = nil }
        guard let run, !run.isDying else { return [] }
        return [outcome(end == .exited(0) ? .success(run.output) : .failure(PluginFailure("\(end)")), at: now)]
    }

    mutating func fail(_ failure: PluginFailure, at now: Instant) -> [PluginAction] {
        defer { run = nil }
        return [outcome(.failure(failure), at: now)]
    }

    private mutating func kill(_ reason: String, at now: Instant) -> [PluginAction] {
        defer {
            run?.isDying = true
            run?.output = []
        }
        return [.kill, outcome(.failure(PluginFailure(reason)), at: now)]
    }

    private func outcome(_ result: Result<[UInt8], PluginFailure>, at now: Instant) -> PluginAction {
        .finish(PluginOutcome(hook: settings.hook, took: run.map { now - $0.start } ?? .zero, result: result))
    }
}
