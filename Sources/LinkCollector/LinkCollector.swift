internal import Dispatch
public import Logging
internal import Netlink
import Synchronization
public import VexportCore

/// Watches the links of all network namespaces, or only of the one it was made in: events on one thread, dumps and
/// counters on another, the search for namespaces on a third, the counters there on a fourth, and bridges on a fifth.
///
/// A dump can block in the kernel for seconds (it needs RTNL); the event thread never does, and those who wait for a
/// frame decide for themselves how long.
public final class LinkCollector: Sendable {
    public struct Options: Sendable {
        /// Time between scheduled ticks. Source: `sampling.interval`.
        public var interval: Duration
        /// Room asked for in the event socket: 7,300 unread messages at 8 MiB, over 20,000 at 64 MiB.
        public var receiveBuffer: Int32 = 64 << 20
        /// Whether to ask how fast links are: with each dump of them, and a second after events. Those of vexport's own
        /// namespace only.
        public var readsSpeeds: Bool
        public var namespaces: Scope
        /// Time between looks at all processes for namespaces that nothing tells of: those with neither a name nor a link to
        /// another one.
        public var searchInterval: Duration = .seconds(30)
        /// Looks at processes in the collector's place; without one it does so itself, as far as it may.
        public var processes: ProcessWatch?
        /// Time between readings of counters in other namespaces. Source: `sampling.namespaces_interval`.
        public var namespacesInterval: Duration = .seconds(5)
        /// Time between looks at what bridges know and count beside packets.
        public var bridgesInterval: Duration = .seconds(10)

        public init(interval: Duration = .seconds(1), readsSpeeds: Bool = false, namespaces: Scope = .all) {
            self.interval = interval
            self.readsSpeeds = readsSpeeds
            self.namespaces = namespaces
        }
    }

    /// Which namespaces are watched.
    public enum Scope: String, CaseIterable, Sendable {
        /// Every one on the host, as far as vexport may.
        case all
        /// Only vexport's own.
        case own
    }

    /// Time between dumps of other namespaces whose events are not heard.
    static let pollInterval = Duration.seconds(5)

    struct State {
        var schedule: DumpSchedule
        var statistics = CollectorStatistics()
        var waiting: [@Sendable (TickFrame?) -> Void] = []
        var isStopping = false
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
    private let access: NamespaceAccess
    let finder = Mutex<NamespaceFinder?>(nil)
    let sampler = Mutex<NamespaceSampler?>(nil)
    let bridges = Mutex<BridgeReader?>(nil)
    private let threads = Mutex<[BlockingThread]>([])

    /// Opens the sockets, in the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - pipeline: where changes and ticks go.
    /// - Throws: `NetlinkError` or `SystemCallError` when the kernel gives no socket, or no subscription.
    public convenience init(options: Options, pipeline: Pipeline, logger: Logger) throws {
        let events = try NetlinkSocket()
        let granted = try events.setReceiveBuffer(options.receiveBuffer)
        let reader = try NamespaceReader(socket: NetlinkSocket())
        let access = options.namespaces == .all ? Self.beginToFollow(events, reader, options) : NamespaceAccess()
        try events.subscribe()
        var ethtool: EthtoolSocket?
        do throws(NetlinkError) {
            if options.readsSpeeds { ethtool = try EthtoolSocket() }
        } catch { logger.warning("the kernel does not tell how fast links are: \(error)") }
        try self.init(
            options: options, pipeline: pipeline, logger: logger, eventSocket: events, dumpSocket: NetlinkSocket(),
            ethtoolSocket: ethtool, access: access)
        let routes = access.own == nil ? nil : try findNamespaces(reader)
        let bridgeReader = try BridgeReader(
            pipeline: pipeline, visits: routes.map { .init(routes: $0, device: reader.device) },
            interval: options.bridgesInterval, logger: logger)
        bridges.withLock { $0 = bridgeReader }
        for feature in access.features { feature.log(logger) }
        state.withLock { $0.statistics.receiveBuffer = granted }
        let wanted = 2 * Int(options.receiveBuffer)
        if granted < wanted {
            logger.warning(
                "small event buffer: in a storm events will be lost and links dumped again; CAP_NET_ADMIN allows more",
                metadata: ["bytes": "\(granted)", "wanted": "\(wanted)"])
        }
    }

    /// Takes sockets that are ready.
    ///
    /// - Parameter access: what vexport may do in other namespaces, if they are to be followed.
    init(
        options: Options, pipeline: Pipeline, logger: Logger, eventSocket: NetlinkSocket, dumpSocket: NetlinkSocket,
        ethtoolSocket: EthtoolSocket? = nil, access: NamespaceAccess = NamespaceAccess()
    ) throws {
        self.options = options
        self.pipeline = pipeline
        self.logger = logger
        self.eventSocket = eventSocket
        self.dumpSocket = dumpSocket
        self.ethtoolSocket = ethtoolSocket
        eventWakeUp = try WakeUp()
        dumpWakeUp = try WakeUp()
        self.access = access
        let isPolling = access.own != nil && !access.hearsEvents
        let schedule = DumpSchedule(
            interval: options.interval, followsAll: access.own != nil,
            roundInterval: isPolling ? Self.pollInterval : DumpSchedule.verificationInterval, start: .now,
            asksForSpeeds: ethtoolSocket != nil)
        state = Mutex(State(schedule: schedule))
    }

    /// Starts the threads. The first frame follows the first dump.
    public func start() {
        if let own = access.own { order.withLock { _ in enqueue([.allFollowed(own: own)]) } }
        let (finder, sampler, bridges) = (finder.withLock { $0 }, sampler.withLock { $0 }, bridges.withLock { $0 })
        threads.withLock {
            $0 = [
                BlockingThread(name: "vexport-events") { self.watchEvents() },
                BlockingThread(name: "vexport-dumps") { self.makeDumps() },
            ]
            if let finder { $0.append(BlockingThread(name: "vexport-netns") { finder.run() }) }
            if let sampler { $0.append(BlockingThread(name: "vexport-visits") { sampler.run() }) }
            if let bridges { $0.append(BlockingThread(name: "vexport-bridges") { bridges.run() }) }
        }
    }

    /// Ends the threads; waits for a dump under way, if the kernel lets it end.
    public func stop() {
        state.withLock { $0.isStopping = true }
        eventWakeUp.signal()
        dumpWakeUp.signal()
        finder.withLock { $0?.stop() }
        sampler.withLock { $0?.rounds.stop() }
        bridges.withLock { $0?.rounds.stop() }
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

    /// Time between readings of counters in other namespaces, from now on. Source: `sampling.namespaces_interval`.
    public func setNamespacesInterval(_ interval: Duration) {
        sampler.withLock { $0?.rounds.setInterval(interval) }
    }

    /// Which namespaces are watched.
    public var scope: Scope { options.namespaces }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Applies changes on the pipeline's queue. Called with `order` locked.
    func enqueue(_ changes: [LinkChange], applied: @escaping @Sendable () -> Void = {}) {
        let at = Moment.now.timestamp
        pipeline.enqueue { [self] pipeline in
            let result = pipeline.apply(changes, at: at)
            applied()
            for event in result.events { log(event) }
            let followUp = result.followUp
            state.withLock {
                $0.schedule.forget(followUp.gone)
                for nsid in followUp.goneNamespaces { $0.schedule.unfollow(nsid) }
                for nsid in followUp.appearedNamespaces { $0.schedule.follow(nsid) }
                $0.schedule.eventsApplied(result.events.count, at: .now)
                for (nsid, count) in followUp.carrierChanges { $0.schedule.carriersChanged(count, in: nsid, at: .now) }
                $0.schedule.doubt(followUp.doubtful, at: .now)
            }
            if followUp.needsAnswers { dumpWakeUp.signal() }
            finder.withLock { finder in
                if !followUp.goneNamespaces.isEmpty { finder?.forget(followUp.goneNamespaces) }
                if !followUp.unidentifiedNamespaces.isEmpty { finder?.identify(followUp.unidentifiedNamespaces) }
            }
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
        let (sampler, bridges) = (sampler.withLock { $0 }, bridges.withLock { $0 })
        state.withLock { $0.statistics }.collect(sampler, bridges, into: &sink)
        for feature in access.features { feature.collect(into: &sink) }
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

extension Feature {
    /// One line for what is missing.
    fileprivate func log(_ logger: Logger) {
        guard case .missing(let reason, let cost, let remedy) = state else { return }
        logger.warning(
            "\(name): \(reason)", metadata: ["costs": "\(cost)", "needs": "\(remedy)"])
    }

    fileprivate func collect(into sink: inout SampleSink) {
        if case .works = state {
            sink.add(CollectorMetrics.feature, [Label("feature", name)], 1)
        } else {
            sink.add(CollectorMetrics.feature, [Label("feature", name)], 0)
        }
    }
}
