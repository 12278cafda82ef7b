internal import Dispatch
public import Logging
internal import Netlink
import Synchronization
public import VexportCore

/// Watches the links of the network namespace it was made in: events on one thread, dumps and counters on another.
///
/// A dump can block in the kernel for seconds (it needs RTNL); the event thread never does, and those who wait for a
/// frame decide for themselves how long.
public final class LinkCollector: Sendable {
    public struct Options: Sendable {
        /// Time between scheduled ticks. Source: `sampling.interval`.
        public var interval: Duration
        /// Room asked for in the event socket: 7,300 unread messages at 8 MiB, over 20,000 at 64 MiB.
        public var receiveBuffer: Int32 = 64 << 20
        /// Whether to ask how fast links are: with each dump of them, and a second after events.
        public var readsSpeeds: Bool

        public init(interval: Duration = .seconds(1), readsSpeeds: Bool = false) {
            self.interval = interval
            self.readsSpeeds = readsSpeeds
        }
    }

    struct State {
        var schedule: DumpSchedule
        var statistics = CollectorStatistics()
        var waiting: [@Sendable (TickFrame?) -> Void] = []
        var isStopping = false
        /// When the oldest loss was noticed that no whole dump has made up for.
        var lostAt: ContinuousClock.Instant?

        /// What the kernel said was lost, or could not be understood: only a dump tells now.
        ///
        /// - Parameter since: when that was noticed.
        mutating func requestResync(since: ContinuousClock.Instant) {
            lostAt = min(lostAt ?? since, since)
            schedule.requestDump(at: .now)
        }
    }

    let options: Options
    let pipeline: Pipeline
    let logger: Logger
    let eventSocket: NetlinkSocket
    let dumpSocket: NetlinkSocket
    /// nil when speeds are not wanted, or the kernel has no way to tell them.
    let ethtoolSocket: EthtoolSocket?
    let eventWakeUp: WakeUp
    let dumpWakeUp: WakeUp
    let state: Mutex<State>
    /// Held while changes are put into the pipeline's queue, so that they get there in their order.
    let order = Mutex(EventOrder())
    /// How many batches of events may wait for the pipeline; then the kernel's buffer is the better place for them.
    let eventRoom = DispatchSemaphore(value: 16)
    private let threads = Mutex<[BlockingThread]>([])

    /// Opens the sockets, in the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - pipeline: where changes and ticks go.
    /// - Throws: `NetlinkError` or `CollectorError` when the kernel gives no socket, or no subscription.
    public convenience init(options: Options, pipeline: Pipeline, logger: Logger) throws {
        let events = try NetlinkSocket()
        let granted = try events.setReceiveBuffer(options.receiveBuffer)
        try events.subscribeToLinks()
        var ethtool: EthtoolSocket?
        do throws(NetlinkError) {
            if options.readsSpeeds { ethtool = try EthtoolSocket() }
        } catch { logger.warning("the kernel does not tell how fast links are: \(error)") }
        try self.init(
            options: options, pipeline: pipeline, logger: logger, eventSocket: events, dumpSocket: NetlinkSocket(),
            ethtoolSocket: ethtool)
        state.withLock { $0.statistics.receiveBuffer = granted }
        if granted < options.receiveBuffer {
            logger.warning(
                "small event buffer: in a storm events will be lost and links dumped again; CAP_NET_ADMIN allows more",
                metadata: ["bytes": "\(granted)", "wanted": "\(options.receiveBuffer)"])
        }
    }

    /// Takes sockets that are ready.
    init(
        options: Options, pipeline: Pipeline, logger: Logger, eventSocket: NetlinkSocket, dumpSocket: NetlinkSocket,
        ethtoolSocket: EthtoolSocket? = nil
    ) throws {
        self.options = options
        self.pipeline = pipeline
        self.logger = logger
        self.eventSocket = eventSocket
        self.dumpSocket = dumpSocket
        self.ethtoolSocket = ethtoolSocket
        eventWakeUp = try WakeUp()
        dumpWakeUp = try WakeUp()
        state = Mutex(
            State(
                schedule: DumpSchedule(interval: options.interval, start: .now, asksForSpeeds: ethtoolSocket != nil)))
    }

    /// Starts the threads. The first frame follows the first dump.
    public func start() {
        threads.withLock {
            $0 = [
                BlockingThread(name: "vexport-events") { self.watchEvents() },
                BlockingThread(name: "vexport-dumps") { self.makeDumps() },
            ]
        }
    }

    /// Ends the threads; waits for a dump under way, if the kernel lets it end.
    public func stop() {
        state.withLock { $0.isStopping = true }
        eventWakeUp.signal()
        dumpWakeUp.signal()
        let running = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in running { thread.join() }
    }

    /// Time between scheduled ticks, from now on. Source: `sampling.interval`.
    public func setInterval(_ interval: Duration) {
        state.withLock { $0.schedule.setInterval(interval, at: .now) }
        dumpWakeUp.signal()
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Applies changes on the pipeline's queue. Called with `order` locked.
    func enqueue(_ changes: [LinkChange], applied: @escaping @Sendable () -> Void = {}) {
        let at = Moment.now().timestamp
        pipeline.enqueue { [self] pipeline in
            let result = pipeline.apply(changes, at: at)
            applied()
            for event in result.events { log(event) }
            let carrierChanges = result.events.reduce(0) { $0 + $1.kind.carrierChanges }
            let gone = result.events.filter { $0.kind == .deleted || $0.kind == .movedAway }.map(\.link.index)
            state.withLock {
                $0.schedule.forget(gone)
                $0.schedule.eventsApplied(result.events.count, at: .now)
                $0.schedule.carriersChanged(carrierChanges, at: .now)
                $0.schedule.doubt(result.doubtful, at: .now)
            }
            if carrierChanges > 0 || !result.doubtful.isEmpty { dumpWakeUp.signal() }
        }
    }

    private func log(_ event: LinkEvent) {
        logger.debug(
            "link \(LinkEvent.Kind.labels[event.kind.ordinal])",
            metadata: [
                "device": "\(event.name)", "ifindex": "\(event.link.index)", "inferred": "\(event.isInferred)",
                "change": "\(event.kind)",
            ])
    }
}

extension LinkCollector: MetricSource {
    public func collect(into sink: inout SampleSink) {
        state.withLock { $0.statistics }.collect(into: &sink)
    }
}

extension LinkCollector: FrameSource {
    public var latest: TickFrame? { pipeline.frames.latest }
    public var lastTwo: (earlier: TickFrame, later: TickFrame)? { pipeline.frames.lastTwo }

    public func requestFrame(maxAge: Duration, completion: @escaping @Sendable (TickFrame?) -> Void) {
        if let latest, ContinuousClock.now - latest.moment.instant <= maxAge {
            completion(latest)
            return
        }
        state.withLock {
            $0.waiting.append(completion)
            $0.schedule.requestTick()
        }
        dumpWakeUp.signal()
    }
}
