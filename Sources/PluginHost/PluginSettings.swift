public import VexportCore

/// A plugin as the configuration describes it.
public struct PluginSettings: Equatable, Sendable {
    /// How long a plugin's process lives.
    public enum Mode: String, CaseIterable, Sendable {
        /// It is started once an interval, does one thing, and ends.
        case interval
    }

    /// What metrics and the log call it.
    public var name: String
    /// The program's path and its arguments. Source: `command`.
    public var command: [String]
    public var hook: PluginHook
    public var mode = Mode.interval
    /// From one start to the next.
    public var interval = Duration.seconds(15)
    /// How long it may take.
    public var timeout = Duration.seconds(5)
    /// Bytes that it may print in one run.
    public var mostOutput = 1 << 20
    /// Series that it may have.
    public var mostSeries = 1_000
    /// Who it runs as; as vexport itself without.
    public var user: String?
    /// What is added to its environment.
    public var environment: [String: String] = [:]

    public init(name: String, command: [String], hook: PluginHook) {
        self.name = name
        self.command = command
        self.hook = hook
    }
}
