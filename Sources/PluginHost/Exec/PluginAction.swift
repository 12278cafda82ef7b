import VexportCore

/// What the host of a plugin is to do next, as the plugin's mode decides.
enum PluginAction: Equatable {
    /// Start the program, write this to its standard input and, if `endsInput`, close that.
    case start(input: [UInt8], endsInput: Bool)
    /// End the process, and all that it started, at once.
    case kill
    /// A piece of work is over.
    case finish(PluginOutcome)
}

/// What came of a piece of a plugin's work.
struct PluginOutcome: Equatable {
    var hook: PluginHook
    var took: Duration
    /// What it answered.
    var result: Result<[UInt8], PluginFailure>
}

/// How a plugin is run: decides, and does nothing. Time is a parameter.
protocol PluginMode {
    typealias Instant = ContinuousClock.Instant

    /// When there is something to decide even if nothing happens.
    var deadline: Instant { get }
    /// Time has passed.
    mutating func pass(at now: Instant) -> [PluginAction]
    /// The process printed something.
    mutating func take(_ bytes: ArraySlice<UInt8>, at now: Instant) -> [PluginAction]
    /// The process ended, and all that it printed was taken.
    mutating func end(_ end: PluginEnd, at now: Instant) -> [PluginAction]
    /// The process could not be started.
    mutating func fail(_ failure: PluginFailure, at now: Instant) -> [PluginAction]
}
