internal import Dispatch
import Glibc
public import Logging
import Synchronization
public import VexportCore

/// Has the helper look for owners now and then, and says what it found.
public final class HostCollector: Sendable {
    private struct State {
        var statistics = HostStatistics()
        var isStopping = false
        var hasEnded = false
        var inhabitants: [NamespaceFile: Int32] = [:]
        /// Those who wait for a look that has not begun, and for the one under way.
        var waiting: [DispatchSemaphore] = []
        var served: [DispatchSemaphore] = []

        mutating func takeServed() -> [DispatchSemaphore] {
            defer { served = [] }
            return served
        }
    }

    private let connection: HelperConnection
    private let publish: @Sendable (Owners) -> Void
    private let logger: Logger
    private let state = Mutex(State())
    /// Blocks while it waits for the helper.
    private let queue = DispatchQueue(label: "vexport.owners")

    /// - Parameter publish: takes all owners, each time that they are others than before.
    public init(connection: HelperConnection, logger: Logger, publish: @escaping @Sendable (Owners) -> Void) {
        self.connection = connection
        self.publish = publish
        self.logger = logger
    }

    public func start() {
        queue.async { self.run() }
    }

    /// Ends the helper, and returns when nothing is published any more.
    public func stop() {
        state.withLock { $0.isStopping = true }
        shutdown(connection.descriptor, Int32(SHUT_RDWR))
        queue.sync {}
        connection.socket.close()
    }

    /// In which namespaces processes live, with a thread for each, by a look that begins after the call. Waits for that: a
    /// second as a rule, three at most.
    public func inhabitants() -> [NamespaceFile: Int32] {
        let waiter = DispatchSemaphore(value: 0)
        let isWorthWaiting = state.withLock { state in
            guard !state.hasEnded, !state.isStopping else { return false }
            state.waiting.append(waiter)
            return true
        }
        if isWorthWaiting { _ = waiter.wait(timeout: .now() + .seconds(3)) }
        return state.withLock { $0.inhabitants }
    }

    private func run() {
        var assembly = OwnersAssembly()
        var schedule = OwnerSchedule(start: .now)
        var isAsked = false
        while true {
            if !isAsked, let scope = schedule.due(at: .now) {
                state.withLock { ($0.served, $0.waiting) = ($0.waiting, []) }
                guard connection.socket.send([scope.rawValue]) else { return ended() }
                isAsked = true
            }
            // A helper that takes another's place says so unasked.
            guard wait(isAsked ? nil : schedule.delay(at: .now)) else { continue }
            guard let packet = connection.socket.receive(limit: HelperMessage.largest) else { return ended() }
            guard let message = try? HelperMessage(decoding: packet) else {
                logger.error("the host helper says what no helper of this version would; owners are not known any more")
                return ended()
            }
            switch assembly.take(message) {
            case .unfinished: continue
            case .helperBegan(let hello):
                isAsked = false
                schedule.helperBegan(at: .now)
                began(hello)
            case .swept(let owners, let report):
                isAsked = false
                schedule.ended(report.scope, cost: .nanoseconds(Int64(clamping: report.processorTime)), at: .now)
                let served = state.withLock { state in
                    state.statistics.take(report, at: .now)
                    if let owners { state.inhabitants = owners.namespaces.mapValues(\.thread) }
                    return state.takeServed()
                }
                if let owners { publish(owners) }
                for waiter in served { waiter.signal() }
            }
        }
    }

    /// - Returns: whether the helper has something to say.
    private func wait(_ delay: Duration?) -> Bool {
        var polled = [pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)]
        let milliseconds = delay.map { Int32(min(nanoseconds($0) / 1_000_000 + 1, 60_000)) } ?? -1
        return unsafe poll(&polled, 1, milliseconds) > 0
    }

    private func began(_ hello: HelperMessage.Hello) {
        state.withLock {
            $0.statistics.restarts = UInt64(hello.generation)
            $0.statistics.seesAll = hello.seesAll
            $0.statistics.isUp = true
        }
        if hello.generation > 0 {
            logger.warning(
                "the host helper ended, and another took its place", metadata: ["restarts": "\(hello.generation)"])
            // The first is this process' child, the others are not.
            var status: Int32 = 0
            _ = unsafe waitpid(connection.pid, &status, WNOHANG)
        } else if !hello.seesAll {
            logger.warning("only owners among this user's own processes are found: \(Self.remedy) would show all")
        }
    }

    private func ended() {
        let isStopping = state.withLock { state in
            state.statistics.isUp = false
            state.hasEnded = true
            for waiter in state.waiting + state.served { waiter.signal() }
            (state.waiting, state.served) = ([], [])
            return state.isStopping
        }
        var status: Int32 = 0
        _ = unsafe waitpid(connection.pid, &status, isStopping ? 0 : WNOHANG)
        if !isStopping {
            logger.error("both host helpers have ended; owners stay what they were until vexport is started again")
        }
    }

    static let remedy = "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"

    /// What the helper could see, with the rights of the caller.
    public static func probe() -> [Feature] {
        guard !Capabilities.seeAll else { return [Feature("owners", .works(facts: "all processes"))] }
        return [
            Feature(
                "owners",
                .missing(
                    reason: "other users' processes are hidden",
                    cost: "owners of links are found only among this user's processes", remedy: remedy))
        ]
    }
}

extension HostCollector: MetricSource {
    public func collect(into sink: inout SampleSink) {
        state.withLock { $0.statistics }.collect(at: .now, into: &sink)
    }
}
