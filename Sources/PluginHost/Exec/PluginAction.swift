import VexportCore

/// What the host of a plugin is to do next, as the plugin's mode decides.
enum PluginAction: Equatable {
    /// Start the program, write this to its standard input and, if `endsInput`, close that.
    case start(input: [UInt8], endsInput: Bool)
    /// Write this to its standard input as soon as it reads.
    case write([UInt8])
    /// End the process, and all that it started, at once.
    case kill
    /// A piece of work is over.
    case finish(PluginOutcome)
    /// It said something that counts for nothing.
    case refuse(PluginRefusal)
}

/// A piece of a plugin's work.
enum PluginWork: Hashable {
    /// Running at all.
    case run
    case collect
    case enrich
    /// - Parameter number: of who waits for it.
    case deliver(UInt64)

    /// Failures of one kind of work are told apart from those of another.
    var name: String {
        switch self {
        case .run: "run"
        case .collect: "collect"
        case .enrich: "enrich"
        case .deliver: "deliver"
        }
    }
}

/// What came of a piece of a plugin's work.
struct PluginOutcome: Equatable {
    var work: PluginWork
    var took: Duration
    /// What it answered.
    var result: Result<[UInt8], PluginFailure>
}

/// Something a plugin said that counts for nothing.
struct PluginRefusal: Equatable {
    /// A reason of `vexport_plugin_dropped_total`, beside those of `MetricFault`.
    enum Reason: String, CaseIterable {
        /// The answer to a request whose time was up.
        case late
        /// The answer to a request that this plugin was never sent, or has answered.
        case unknownID = "unknown_id"
        /// No line of the protocol.
        case line
    }

    var reason: Reason
    /// Without control characters.
    var text: String
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
    /// The process reads its standard input no more.
    mutating func endInput(at now: Instant) -> [PluginAction]
    /// The process ended, and all that it printed was taken.
    mutating func end(_ end: PluginEnd, at now: Instant) -> [PluginAction]
    /// The process could not be started.
    mutating func fail(_ failure: PluginFailure, at now: Instant) -> [PluginAction]

    /// Whether it may be told and asked things beside what it is asked once an interval.
    var isReady: Bool { get }
    /// Somebody wants work done now.
    ///
    /// - Parameter content: what goes with the request; asked for if there is going to be one.
    /// - Returns: nil when that can't be: it is not ready, or does the same work at this moment.
    mutating func ask(_ work: PluginWork, at now: Instant, _ content: () -> [UInt8]) -> [PluginAction]?
}
