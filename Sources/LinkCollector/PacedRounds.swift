import Dispatch
import Glibc
import Synchronization
import VexportCore

/// Rounds of work on a thread of its own: the first when it is told to begin, the others now and then, taking no more than
/// their share of the time.
final class PacedRounds: Sendable {
    /// Rounds take at most this part of the time.
    private static let share = 20
    private struct State {
        var interval: Duration
        var isStopping = false
        var hasBegun = false
        var lastDuration = Duration.zero
    }

    private let state: Mutex<State>
    private let wakeUp: WakeUp
    private let firstRound = DispatchSemaphore(value: 0)

    /// - Parameter interval: between the beginnings of rounds.
    /// - Throws: `SystemCallError` when the kernel gives no descriptors.
    init(interval: Duration) throws(SystemCallError) {
        state = Mutex(State(interval: interval))
        wakeUp = try WakeUp()
    }

    /// How long the last round took.
    var lastDuration: Duration { state.withLock { $0.lastDuration } }

    func begin() {
        state.withLock { $0.hasBegun = true }
        wakeUp.signal()
    }

    /// Waits for the first round, once, and not beyond `deadline`.
    func waitForFirst(until deadline: DispatchTime) { _ = firstRound.wait(timeout: deadline) }

    /// The time between rounds from the next one on.
    func setInterval(_ interval: Duration) {
        state.withLock { $0.interval = interval }
        wakeUp.signal()
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wakeUp.signal()
        firstRound.signal()
    }

    /// The thread.
    ///
    /// - Parameter round: false when there can be no more.
    func run(_ round: () -> Bool) {
        var pace = Pace(interval: state.withLock { $0.interval }, share: Self.share, start: .now)
        while true {
            let (isStopping, hasBegun, interval) = state.withLock { ($0.isStopping, $0.hasBegun, $0.interval) }
            if isStopping { return }
            pace.interval = interval
            let delay = pace.delay(at: .now)
            guard hasBegun, delay == .zero else {
                wakeUp.wait(timeout: hasBegun ? delay : nil)
                continue
            }
            let (started, worked) = (ContinuousClock.now, threadProcessorTime())
            guard round() else { return }
            pace.ended(started: started, work: threadProcessorTime() - worked, at: .now)
            state.withLock { $0.lastDuration = .now - started }
            firstRound.signal()
        }
    }
}
