import VexportCore

/// Decides what the dump thread does next. Time is a parameter.
///
/// Everything is dumped in rounds: when events were lost, and once a minute anyway. A namespace is dumped by itself when it
/// appears, and once a second while its carriers change by the dozen. GETLINK dumps and questions hold RTNL for everybody,
/// so all of them together take at most a twentieth of the time.
struct DumpSchedule {
    typealias Instant = ContinuousClock.Instant

    enum Action: Equatable {
        /// Ask which numbers namespaces have.
        case listNamespaces
        case dumpLinks(in: NSID? = nil)
        case ask([LinkAddress])
        case askForSpeeds
        case tick(scheduled: Bool)
        /// Give the system back what a storm's waiting events took.
        case releaseMemory
        /// Nothing to do until then.
        case wait(Duration)
    }

    /// How long what one learns by asking may be put off, so that one question serves several messages.
    static let patience = Duration.milliseconds(100)
    /// A whole round of dumps now and then finds what no event told.
    static let verificationInterval = Duration.seconds(60)
    /// How many links are asked for in one go, so that a tick never waits long.
    static let batch = 64
    static let retryAfterFailure = Duration.seconds(1)
    /// Carrier changes within a second that make a storm in a namespace: the kernel merges changes of one link, and lets
    /// through only 50 to 100 links a second. A dump says at once what is delayed.
    static let stormChanges = 10
    /// Time between dumps in a storm.
    static let stormInterval = Duration.seconds(1)

    /// How long after an event speeds are asked for: by then a link that came up has negotiated, and one question serves
    /// many events.
    static let speedPatience = Duration.seconds(1)

    /// So many events leave megabytes in the allocator's hands.
    static let eventsWorthReleasing = 1000
    /// How long after them memory is given back: once a storm is over, and not often while it lasts.
    static let releaseDelay = Duration.seconds(5)

    private var interval: Duration
    private var nextTick: Instant
    private var tickIsRequested = false
    private var lastWasTick = false
    private var dumps: DumpQueue
    private var lastWasDump = false
    /// Nothing is sampled before everything has been dumped once.
    private var isPopulated = false
    /// What the dumps before that took.
    private var populationWork = Duration.zero
    private var carrierChanges: [NSID?: Int] = [:]
    private var carrierChangesSince: Instant
    /// Since memory was last given back.
    private var events = 0
    /// nil while there have been too few events.
    private var releaseAt: Instant?
    private let asksForSpeeds: Bool
    /// nil while the ones known are good.
    private var speedsAt: Instant?
    private var doubtful: Set<LinkAddress> = []
    private var askAt: Instant
    /// Before this moment the share of GETLINK would be exceeded.
    private var linkWorkAllowedAt: Instant

    /// - Parameters:
    ///   - followsAll: whether other namespaces than vexport's own are dumped. They are once `searchEnded` says that they
    ///     have been looked for.
    ///   - roundInterval: how often everything is dumped anyway.
    init(
        interval: Duration, followsAll: Bool = false, roundInterval: Duration = verificationInterval, start: Instant,
        asksForSpeeds: Bool = false
    ) {
        self.interval = interval
        self.asksForSpeeds = asksForSpeeds
        dumps = DumpQueue(followsAll: followsAll, interval: roundInterval, start: start)
        nextTick = start
        carrierChangesSince = start
        askAt = start
        linkWorkAllowedAt = start
    }

    mutating func next(at now: Instant) -> Action {
        if !isPopulated, dumps.isPopulated {
            isPopulated = true
            linkWorkEnded(at: now, work: populationWork)
        }
        // Link work that is due goes before every other tick, so that slow ticks can't keep it off for ever.
        if isPopulated, !lastWasTick || !isLinkWorkDue(at: now) {
            lastWasTick = true
            if now >= nextTick {
                // Late ticks are left out, not made up for.
                let missed = ((now - nextTick) / interval).rounded(.down)
                nextTick += interval * (missed + 1)
                tickIsRequested = false
                return .tick(scheduled: true)
            }
            if tickIsRequested {
                tickIsRequested = false
                return .tick(scheduled: false)
            }
        }
        lastWasTick = false
        if now >= linkWorkAllowedAt, let action = linkWork(at: now) { return action }
        if let releaseAt, now >= releaseAt {
            self.releaseAt = nil
            events = 0
            return .releaseMemory
        }
        var wake = max(dumps.nextAt(now), linkWorkAllowedAt)
        if let releaseAt { wake = min(wake, releaseAt) }
        if isPopulated { wake = min(wake, nextTick) }
        if let speedsAt, isPopulated { wake = min(wake, max(speedsAt, linkWorkAllowedAt)) }
        if !doubtful.isEmpty, isPopulated { wake = min(wake, max(askAt, linkWorkAllowedAt)) }
        return .wait(wake - now)
    }

    /// Dumps and questions take turns when both are due.
    private mutating func linkWork(at now: Instant) -> Action? {
        let isAskDue = isPopulated && !doubtful.isEmpty && now >= askAt
        if !(isAskDue && lastWasDump), let item = dumps.take(at: now) {
            lastWasDump = true
            if item == .links(nil) { speedsAt = nil }  // a dump asks for them too
            return item == .numbers ? .listNamespaces : .dumpLinks(in: item.namespace)
        }
        lastWasDump = false
        if isAskDue {
            let asked = doubtful.prefix(Self.batch)
            doubtful.subtract(asked)
            return .ask(asked.sorted())
        }
        guard isPopulated, let due = speedsAt, now >= due else { return nil }
        speedsAt = nil
        return .askForSpeeds
    }

    private func isLinkWorkDue(at now: Instant) -> Bool {
        now >= linkWorkAllowedAt
            && (now >= dumps.nextAt(now) || (!doubtful.isEmpty && now >= askAt) || speedsAt.map { now >= $0 } ?? false)
    }

    /// Ticks are this far apart from now on.
    mutating func setInterval(_ interval: Duration, at now: Instant) {
        self.interval = interval
        nextTick = min(nextTick, now + interval)
    }

    /// A scrape wants a tick now.
    mutating func requestTick() {
        tickIsRequested = true
    }

    /// Events were lost: dump everything as soon as the share allows.
    ///
    /// - Parameter since: when that was noticed; nil for now.
    mutating func requestDump(since: Instant? = nil, at now: Instant) {
        dumps.requestRound(since: since ?? now, at: now)
    }

    /// Whether events were lost that have not been made up for.
    var isResyncing: Bool { dumps.isResyncing }

    /// All names and processes were looked at for namespaces, and those found are followed.
    mutating func searchEnded() {
        dumps.searchEnded()
    }

    /// A namespace has appeared.
    mutating func follow(_ namespace: NSID) {
        dumps.follow(namespace)
    }

    /// A namespace is gone, or must not be asked about.
    mutating func unfollow(_ namespace: NSID) {
        dumps.unfollow(namespace)
        carrierChanges[namespace] = nil
        doubtful = doubtful.filter { $0.namespace != namespace }
    }

    /// Carriers of a namespace's links went up or down, this often in all: in a storm they are dumped a second later.
    mutating func carriersChanged(_ count: Int, in namespace: NSID? = nil, at now: Instant) {
        if now - carrierChangesSince >= Self.stormInterval {
            carrierChanges = [:]
            carrierChangesSince = now
        }
        carrierChanges[namespace, default: 0] += count
        if carrierChanges[namespace]! >= Self.stormChanges {
            dumps.add(.links(namespace), at: now + Self.stormInterval)
        }
    }

    /// Events were taken in, this many.
    mutating func eventsApplied(_ count: Int, at now: Instant) {
        events += count
        if events >= Self.eventsWorthReleasing, releaseAt == nil { releaseAt = now + Self.releaseDelay }
        if asksForSpeeds, count > 0, speedsAt == nil { speedsAt = now + Self.speedPatience }
    }

    /// These links are to be asked for.
    mutating func doubt(_ links: some Collection<LinkAddress>, at now: Instant) {
        if doubtful.isEmpty { askAt = now + Self.patience }
        doubtful.formUnion(links)
    }

    /// These links are gone: while thousands come and go, asking for them would leave no time to ask for others.
    mutating func forget(_ links: [LinkAddress]) {
        doubtful.subtract(links)
    }

    /// A dump is over.
    ///
    /// - Parameter work: the processor time it took. Waiting for RTNL keeps nobody else from it and does not count.
    /// - Returns: the end of a round, if that was the last of it.
    @discardableResult
    mutating func dumpEnded(
        _ item: DumpQueue.Item = .links(nil), at now: Instant, work: Duration, _ result: DumpQueue.Result
    ) -> DumpQueue.RoundEnd? {
        if isPopulated {
            linkWorkEnded(at: now, work: work)
        } else {
            populationWork += work
        }
        return dumps.ended(item, result, at: now)
    }

    /// Questions were answered, or not.
    mutating func linkWorkEnded(at now: Instant, work: Duration) {
        linkWorkAllowedAt = now + work * 19
    }
}

extension Duration {
    fileprivate static func * (left: Duration, right: Double) -> Duration {
        .nanoseconds(Int64(left.seconds * 1e9 * right))
    }
    fileprivate static func / (left: Duration, right: Duration) -> Double { left.seconds / right.seconds }
}
