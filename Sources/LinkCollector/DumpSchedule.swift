import VexportCore

/// Decides what the dump thread does next. Time is a parameter.
///
/// Links are dumped when events were lost, once a second while carriers change by the dozen, and once a minute anyway.
/// GETLINK dumps and questions hold RTNL for everybody, so all of them together take at most a twentieth of the time.
struct DumpSchedule {
    typealias Instant = ContinuousClock.Instant

    enum Action: Equatable {
        case dumpLinks
        case ask([Int32])
        case askForSpeeds
        case tick(scheduled: Bool)
        /// Give the system back what a storm's waiting events took.
        case releaseMemory
        /// Nothing to do until then.
        case wait(Duration)
    }

    /// How long what one learns by asking may be put off, so that one question serves several messages.
    static let patience = Duration.milliseconds(100)
    /// A whole dump now and then finds what no event told.
    static let verificationInterval = Duration.seconds(60)
    /// How many links are asked for in one go, so that a tick never waits long.
    static let batch = 64
    static let retryAfterFailure = Duration.seconds(1)
    /// Carrier changes within a second that make a storm: the kernel merges changes of one link, and lets through only
    /// 50 to 100 links a second. A dump says at once what is delayed.
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

    /// How a dump ended.
    enum Result {
        case complete
        /// By changes; it may have missed links.
        case torn
        case failed
    }

    private var interval: Duration
    private var nextTick: Instant
    private var tickIsRequested = false
    private var lastWasTick = false
    private var hasDumped = false
    private var nextDump: Instant
    /// Since `carrierChangesSince`.
    private var carrierChanges = 0
    private var carrierChangesSince: Instant
    /// Since memory was last given back.
    private var events = 0
    /// nil while there have been too few events.
    private var releaseAt: Instant?
    private let asksForSpeeds: Bool
    /// nil while the ones known are good.
    private var speedsAt: Instant?
    private var doubtful: Set<Int32> = []
    private var askAt: Instant
    /// Before this moment the share of GETLINK would be exceeded.
    private var linkWorkAllowedAt: Instant

    init(interval: Duration, start: Instant, asksForSpeeds: Bool = false) {
        self.interval = interval
        self.asksForSpeeds = asksForSpeeds
        nextTick = start
        nextDump = start
        carrierChangesSince = start
        askAt = start
        linkWorkAllowedAt = start
    }

    mutating func next(at now: Instant) -> Action {
        // Link work that is due goes before every other tick, so that slow ticks can't keep it off for ever.
        if hasDumped, !lastWasTick || !isLinkWorkDue(at: now) {
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
        if now >= max(nextDump, linkWorkAllowedAt) {
            // Set before the dump, so that what is lost during it leads to another.
            nextDump = now + Self.verificationInterval
            speedsAt = nil  // a dump asks for them too
            return .dumpLinks
        }
        if !doubtful.isEmpty, hasDumped, now >= max(askAt, linkWorkAllowedAt) {
            let asked = doubtful.prefix(Self.batch)
            doubtful.subtract(asked)
            return .ask(asked.sorted())
        }
        if let speedsAt, hasDumped, now >= max(speedsAt, linkWorkAllowedAt) {
            self.speedsAt = nil
            return .askForSpeeds
        }
        if let releaseAt, now >= releaseAt {
            self.releaseAt = nil
            events = 0
            return .releaseMemory
        }
        var wake = max(nextDump, linkWorkAllowedAt)
        if let releaseAt { wake = min(wake, releaseAt) }
        if hasDumped { wake = min(wake, nextTick) }
        if let speedsAt, hasDumped { wake = min(wake, max(speedsAt, linkWorkAllowedAt)) }
        if !doubtful.isEmpty, hasDumped { wake = min(wake, max(askAt, linkWorkAllowedAt)) }
        return .wait(wake - now)
    }

    private func isLinkWorkDue(at now: Instant) -> Bool {
        now >= linkWorkAllowedAt
            && (now >= nextDump || (!doubtful.isEmpty && now >= askAt) || speedsAt.map { now >= $0 } ?? false)
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

    /// Events were lost: dump as soon as the share allows.
    mutating func requestDump(at now: Instant) {
        nextDump = min(nextDump, now)
    }

    /// Carriers went up or down, this often in all: in a storm all links are dumped a second later.
    mutating func carriersChanged(_ count: Int, at now: Instant) {
        if now - carrierChangesSince >= Self.stormInterval {
            carrierChanges = 0
            carrierChangesSince = now
        }
        carrierChanges += count
        if carrierChanges >= Self.stormChanges { nextDump = min(nextDump, now + Self.stormInterval) }
    }

    /// Events were taken in, this many.
    mutating func eventsApplied(_ count: Int, at now: Instant) {
        events += count
        if events >= Self.eventsWorthReleasing, releaseAt == nil { releaseAt = now + Self.releaseDelay }
        if asksForSpeeds, count > 0, speedsAt == nil { speedsAt = now + Self.speedPatience }
    }

    /// These links are to be asked for.
    mutating func doubt(_ indexes: [Int32], at now: Instant) {
        if doubtful.isEmpty { askAt = now + Self.patience }
        doubtful.formUnion(indexes)
    }

    /// These links are gone: while thousands come and go, asking for them would leave no time to ask for others.
    mutating func forget(_ indexes: [Int32]) {
        doubtful.subtract(indexes)
    }

    /// A dump is over.
    ///
    /// - Parameter work: the processor time it took. Waiting for RTNL keeps nobody else from it and does not count.
    mutating func dumpEnded(at now: Instant, work: Duration, _ result: Result) {
        linkWorkEnded(at: now, work: work)
        switch result {
        case .complete: hasDumped = true
        case .torn:
            hasDumped = true
            nextDump = min(nextDump, now + Self.stormInterval)
        case .failed: nextDump = now + Self.retryAfterFailure
        }
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
