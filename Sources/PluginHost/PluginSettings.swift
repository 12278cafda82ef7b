public import VexportCore

/// A plugin as the configuration describes it.
public struct PluginSettings: Equatable, Sendable {
    /// How long a plugin's process lives.
    public enum Mode: String, CaseIterable, Sendable {
        /// It is started once an interval, does one thing, and ends.
        case interval
        /// It runs all the time and speaks the line protocol (`StreamLine`).
        case stream
    }

    /// What metrics and the log call it.
    public var name: String
    /// The program's path and its arguments. Source: `command`.
    public var command: [String]
    public var hooks: [PluginHook]
    public var mode = Mode.interval
    /// From one start, or request, to the next.
    public var interval = Duration.seconds(15)
    /// How long it may take for one start, or request.
    public var timeout = Duration.seconds(5)
    /// Bytes that it may print in one run, or line.
    public var mostOutput = 1 << 20
    /// Series that it may have.
    public var mostSeries = 1_000
    /// Who it runs as; as vexport itself without.
    public var user: String?
    /// What is added to its environment.
    public var environment: [String: String] = [:]
    /// Of stream mode.
    var backoff = Backoff(first: .seconds(1), longest: .seconds(60))

    /// vexport itself, which runs libraries, even if its file is another by now.
    static let ownProgram = "/proc/self/exe"

    /// A shared library, in a process of its own.
    public init(name: String, library: String, hooks: [PluginHook]) {
        self.init(name: name, command: [Self.ownProgram, "plugin-host", library], hooks: hooks)
        mode = .stream
    }

    public init(name: String, command: [String], hooks: [PluginHook]) {
        self.name = name
        self.command = command
        self.hooks = hooks
    }

    /// How such a plugin is run.
    ///
    /// - Parameters:
    ///   - first: when it is started.
    ///   - makeID: makes ids for requests, which no other plugin has.
    ///   - links: what a plugin with labels for links is asked about: a list, in JSON.
    func makeMode(
        first: ContinuousClock.Instant, makeID: @escaping () -> UInt64, links: @escaping () -> [UInt8]
    ) -> any PluginMode {
        switch mode {
        case .interval: IntervalRuns(self, first: first, links: links)
        case .stream: StreamSession(self, first: first, makeID: makeID, links: links)
        }
    }
}
