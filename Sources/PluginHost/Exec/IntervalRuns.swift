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
    private let work: PluginWork
    /// What a plugin with labels for links is asked about: a list, in JSON.
    private let links: () -> [UInt8]
    private var next: Instant
    private var run: Run?

    /// - Parameters:
    ///   - first: when the first run is due.
    ///   - links: what a plugin with labels for links is asked about: a list, in JSON.
    init(_ settings: PluginSettings, first: Instant, links: @escaping () -> [UInt8] = { [] }) {
        self.settings = settings
        self.links = links
        work = settings.hooks.first?.work ?? .collect
        next = first
    }

    var deadline: Instant {
        guard let run else { return next }
        // A process that dies tells of it by itself.
        return run.isDying ? .farFuture : run.start + settings.timeout
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
        let input = work == .enrich ? Array(#"{"links":"#.utf8) + links() + Array("}\n".utf8) : []
        return [.start(input: input, endsInput: true)]
    }

    mutating func take(_ bytes: ArraySlice<UInt8>, at now: Instant) -> [PluginAction] {
        guard let run, !run.isDying else { return [] }
        guard run.output.count + bytes.count <= settings.mostOutput else {
            return kill("printed more than \(settings.mostOutput) bytes", at: now)
        }
        self.run?.output += bytes
        return []
    }

    /// It does not read: it may well know already what to print.
    func endInput(at now: Instant) -> [PluginAction] { [] }

    mutating func end(_ end: PluginEnd, at now: Instant) -> [PluginAction] {
        defer { run = nil }
        guard let run, !run.isDying else { return [] }
        return [outcome(end == .exited(0) ? .success(run.output) : .failure(PluginFailure("\(end)")), at: now)]
    }

    var isReady: Bool { false }

    mutating func ask(_ work: PluginWork, at now: Instant, _ content: () -> [UInt8]) -> [PluginAction]? { nil }

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
        .finish(PluginOutcome(work: work, took: run.map { now - $0.start } ?? .zero, result: result))
    }
}
