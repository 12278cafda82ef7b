import Synchronization

/// Where the pipeline publishes frames and everybody else takes them, without entering the pipeline.
public final class FrameStore: Sendable {
    /// The last scheduled ticks, oldest first: what rates are computed from until there is a longer memory.
    private struct State {
        var latest: TickFrame?
        var scheduled: [TickFrame] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// The last complete tick; nil before the first.
    public var latest: TickFrame? { state.withLock { $0.latest } }

    /// The last two scheduled ticks; nil before the second.
    public var lastTwo: (earlier: TickFrame, later: TickFrame)? {
        state.withLock { $0.scheduled.count == 2 ? ($0.scheduled[0], $0.scheduled[1]) : nil }
    }

    func publish(_ frame: TickFrame, scheduled: Bool) {
        let dropped = state.withLock { state in
            state.latest = frame
            guard scheduled else { return [TickFrame]() }
            state.scheduled.append(frame)
            let dropped = Array(state.scheduled.dropLast(2))
            state.scheduled.removeFirst(dropped.count)
            return dropped
        }
        _ = consume dropped  // released outside the lock
    }
}

/// Gives frames to those who show them.
public protocol FrameSource: Sendable {
    /// The last complete tick; nil before the first.
    var latest: TickFrame? { get }

    /// The last two scheduled ticks; nil before the second.
    var lastTwo: (earlier: TickFrame, later: TickFrame)? { get }

    /// Calls `completion` once, with a frame no older than `maxAge`, or with the last one when reading failed; nil when
    /// there is none. Takes as long as the kernel does: the caller decides how long it waits.
    func requestFrame(maxAge: Duration, completion: @escaping @Sendable (TickFrame?) -> Void)
}
