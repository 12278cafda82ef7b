internal import CHost
internal import Dispatch
import Glibc
public import Logging
import Synchronization
public import VexportCore

/// Has the helper look for owners now and then, and says what it found.
public final class HostCollector: Sendable {
    struct State {
        var statistics = HostStatistics()
        var isStopping = false
        /// Both helpers have ended.
        var hasEnded = false
        var inhabitants: [NamespaceFile: Int32] = [:]
        /// Those who wait for a look that has not begun, and for the one under way.
        var waiting: [DispatchSemaphore] = []
        var served: [DispatchSemaphore] = []
        /// Links may have other owners than at the last look at everything, though no process is new.
        var linksChanged = false
        var questions = OpenQuestions()
        /// The helper that works.
        var helper: pid_t
    }

    let connection: HelperConnection
    private let enrich: LinkEnrichment.Taker
    private let logger: Logger
    let state: Mutex<State>
    /// By which those who want a look wake the queue.
    let wakeUp: WakeUp
    /// Blocks while it waits for the helper.
    private let queue = DispatchQueue(label: "vexport.owners")

    /// - Parameter enrich: takes all owners, each time that they are others than before.
    /// - Throws: `SystemCallError` when the process has no descriptors left.
    public init(
        connection: HelperConnection, logger: Logger, enrich: @escaping LinkEnrichment.Taker
    ) throws(SystemCallError) {
        self.connection = connection
        wakeUp = try WakeUp()
        state = Mutex(State(helper: connection.pid))
        self.enrich = enrich
        self.logger = logger
    }

    public func start() {
        queue.async { self.run() }
    }

    /// Ends the helper, and returns when nothing is handed in any more.
    public func stop() {
        state.withLock { $0.isStopping = true }
        shutdown(connection.descriptor, Int32(SHUT_RDWR))
        queue.sync {}
        connection.socket.close()
    }

    private func run() {
        var assembly = HelperAssembly()
        var schedule = OwnerSchedule(start: .now)
        var isAsked = false
        while true {
            if !isAsked, let scope = nextLook(&schedule) {
                guard connection.socket.send(HelperRequest.sweep(scope).encode()) else { return ended() }
                isAsked = true
            }
            // A helper that takes another's place says so unasked.
            guard wait(isAsked ? nil : schedule.delay(at: .now)) else { continue }
            guard let (packet, passed) = connection.socket.receive(limit: HelperMessage.largest) else { return ended() }
            guard let message = try? HelperMessage(decoding: packet) else {
                if let passed { close(passed) }
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
                schedule.ended(report.scope, cost: report.processorTime, at: .now)
                let served = state.withLock { state in
                    state.statistics.take(report, at: .now)
                    if let owners { state.inhabitants = owners.namespaces.mapValues(\.thread) }
                    defer { state.served = [] }
                    return state.served
                }
                if let owners { enrich(.owners(owners)) }
                for waiter in served { waiter.signal() }
            case .answered(let answers, let number):
                state.withLock { $0.questions.answer(number, .processes(answers)) }
            case .opened(let number):
                state.withLock { $0.questions.answer(number, .namespace(passed)) }
            }
        }
    }

    /// What to look at now; nil for nothing yet. Who waits for a look is served by it.
    private func nextLook(_ schedule: inout OwnerSchedule) -> Sweep.Scope? {
        state.withLock { state in
            if !state.waiting.isEmpty { schedule.request(at: .now) }
            if state.linksChanged { schedule.linkChanged(at: .now) }
            guard let scope = schedule.due(at: .now) else { return nil }
            (state.served, state.waiting) = (state.waiting, [])
            // What happens from here on may come too late for this look.
            if scope == .full { state.linksChanged = false }
            return scope
        }
    }

    /// - Returns: whether the helper has something to say.
    private func wait(_ delay: Duration?) -> Bool {
        wakeUp.wait(for: [.readable(connection.descriptor)], timeout: delay)[0]
    }

    private func began(_ hello: HelperMessage.Hello) {
        let former = state.withLock { state in
            defer { state.helper = hello.pid }
            state.questions.giveUp()
            state.statistics.restarts = UInt64(hello.generation)
            state.statistics.seesAll = hello.seesAll
            state.statistics.isUp = true
            return state.helper
        }
        if hello.generation > 0 {
            logger.warning(
                "the host helper ended, and another took its place", metadata: ["restarts": "\(hello.generation)"])
            bury(former)
        } else if !hello.seesAll {
            logger.warning("only owners among this user's own processes are found: \(Self.remedy) would show all")
        }
    }

    /// The first helper is this process' child; the others are adopted when those before them end, since this process adopts
    /// what plugins leave behind.
    private func bury(_ helper: pid_t, waits: Bool = false) {
        var status: Int32 = 0
        _ = unsafe waitpid(helper, &status, waits ? 0 : WNOHANG)
    }

    private func ended() {
        let (isStopping, helper) = state.withLock { state in
            state.statistics.isUp = false
            state.hasEnded = true
            for waiter in state.waiting + state.served { waiter.signal() }
            (state.waiting, state.served) = ([], [])
            state.questions.giveUp()
            return (state.isStopping, state.helper)
        }
        bury(helper, waits: isStopping)
        if !isStopping {
            logger.error("both host helpers have ended; owners stay what they were until vexport is started again")
        }
    }

    /// Who owns what, by one look of this process' own, with the rights that it has. For commands that do without a daemon.
    public static func lookOnce() -> Owners {
        var sweep = Sweep(ignoring: [getpid()])
        return sweep.run(.full, at: .now)
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

extension HostCollector: PipelineObserver {
    /// Brings the next look at everything forward for links that an old process may own now. However many events there are,
    /// they wake the queue once a look.
    public func observe(_ events: [LinkEvent]) {
        guard events.contains(where: \.mayChangeOwner) else { return }
        let isFirst = state.withLock { state in
            defer { state.linksChanged = true }
            return !state.linksChanged
        }
        if isFirst { wakeUp.signal() }
    }

    public func observe(_ findings: [Finding]) {}

    public func observe(_ frame: TickFrame) {}
}

extension HostCollector: MetricSource {
    public func collect(into sink: inout SampleSink) {
        state.withLock { $0.statistics }.collect(at: .now, into: &sink)
    }
}
