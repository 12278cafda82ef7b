/// Decides when to look for owners, and at how much. Time is a parameter.
struct OwnerSchedule {
    typealias Instant = ContinuousClock.Instant

    /// Between looks at what is new. A new virtual machine or container is known after two at the latest.
    static let quickInterval = Duration.seconds(1)
    /// Between looks at everything: a process that has been there may do what no link tells of.
    static let fullInterval = Duration.seconds(10)
    /// From a link's event to the look at everything that it brings forward, so that what comes with it is seen too.
    static let settling = Duration.milliseconds(250)
    /// Between looks at everything that events bring forward.
    static let eventInterval = Duration.seconds(1)
    /// A look at everything that has been due for this long goes before others: where even quick ones are dear, nothing would be
    /// saved up for it.
    static let patience = Duration.seconds(60)
    /// Looks take at most this part of one processor's time, over some minutes.
    static let share = 100
    /// Of processor time saved up, so that a storm of new processes is kept up with at first.
    static let mostCredit = Duration.milliseconds(500)
    /// Of that, what looks that events bring forward leave to new processes and to those who wait for an answer.
    static let reserve = Duration.milliseconds(250)

    private var credit = mostCredit
    private var creditedAt: Instant
    private var nextQuick: Instant
    private var nextFull: Instant
    /// When to look at everything for an event's sake; nil after none.
    private var nextByEvent: Instant?
    private var lastFull: Instant?
    private var lastFullCost = Duration.zero

    init(start: Instant) {
        (creditedAt, nextQuick, nextFull) = (start, start, start)
    }

    /// A new helper, which knows nothing.
    mutating func helperBegan(at now: Instant) {
        (nextQuick, nextFull) = (now, now)
    }

    /// Somebody wants to know what there is now.
    mutating func request(at now: Instant) {
        nextFull = min(nextFull, now)
    }

    /// A link may have another owner, though no process is new.
    mutating func linkChanged(at now: Instant) {
        let allowed = lastFull.map { $0 + Self.eventInterval } ?? now
        nextByEvent = min(nextByEvent ?? nextFull, max(now + Self.settling, allowed))
    }

    /// What to do now; nil for nothing yet.
    mutating func due(at now: Instant) -> Sweep.Scope? {
        earn(at: now)
        if now >= nextFull, credit >= lastFullCost { return .full }
        if let nextByEvent, now >= nextByEvent, credit >= costByEvent { return .full }
        return now >= nextQuick && credit > .zero && now < nextFull + Self.patience ? .quick : nil
    }

    /// How long until something may be due.
    func delay(at now: Instant) -> Duration {
        func paid(_ cost: Duration) -> Instant { now + max(cost - credit, .zero) * Self.share }
        var next = max(nextFull, paid(lastFullCost))
        if let nextByEvent { next = min(next, max(nextByEvent, paid(costByEvent))) }
        if now < nextFull + Self.patience { next = min(next, max(nextQuick, paid(.zero))) }
        return max(next - now, .milliseconds(10))
    }

    private var costByEvent: Duration { min(lastFullCost + Self.reserve, Self.mostCredit) }

    /// A look ended that used `cost` of processor time.
    mutating func ended(_ scope: Sweep.Scope, cost: Duration, at now: Instant) {
        earn(at: now)
        credit -= cost
        nextQuick = now + Self.quickInterval
        guard scope == .full else { return }
        nextFull = now + Self.fullInterval
        (nextByEvent, lastFull) = (nil, now)
        // No dearer than what can be saved up, or it would never be due.
        lastFullCost = min(cost, Self.mostCredit)
    }

    private mutating func earn(at now: Instant) {
        credit = min(credit + max(now - creditedAt, .zero) / Self.share, Self.mostCredit)
        creditedAt = now
    }
}
