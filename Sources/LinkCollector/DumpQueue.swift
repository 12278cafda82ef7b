import VexportCore

/// What is to be dumped, and in which order: whole rounds, and single namespaces between them.
struct DumpQueue {
    typealias Instant = ContinuousClock.Instant

    enum Item: Hashable {
        /// The numbers of namespaces.
        case numbers
        /// The links of one namespace.
        case links(NSID?)

        var namespace: NSID? { if case .links(let namespace) = self { namespace } else { nil } }
    }

    /// How a dump ended.
    enum Result {
        case complete
        /// By changes; it may have missed links.
        case torn
        case failed
        /// There is no such namespace any more.
        case gone
    }

    private let followsAll: Bool
    private let interval: Duration
    private var searchIsOver: Bool
    private var followed: Set<NSID> = []
    private var nextRound: Instant
    /// What this round has not dumped whole yet.
    private var round: Set<Item> = []
    private var roundIsRunning = false
    /// When events were first lost that only a round to come makes up for.
    private var lostAt: Instant?
    /// Likewise, by the round that is running.
    private var lostBeforeRound: Instant?
    /// Items that are due, in their order; those that are no longer `waiting` are passed over.
    private var queue: [Item] = []
    private var head = 0
    private var waiting: Set<Item> = []
    private var later: [Item: Instant] = [:]
    private var ownIsDumped = false
    private var numbersAreDumped: Bool

    /// - Parameter interval: between rounds that nobody asked for.
    init(followsAll: Bool, interval: Duration = DumpSchedule.verificationInterval, start: Instant) {
        self.followsAll = followsAll
        self.interval = interval
        searchIsOver = !followsAll
        numbersAreDumped = !followsAll
        nextRound = start
    }

    /// Whether all that was found at the start has been dumped once.
    var isPopulated: Bool { ownIsDumped && numbersAreDumped && waiting.isEmpty }

    /// When there is something to take: at or before `now` when there is now.
    func nextAt(_ now: Instant) -> Instant {
        if !waiting.isEmpty { return now }
        return later.values.reduce(nextRound) { min($0, $1) }
    }

    /// The next item that is due.
    mutating func take(at now: Instant) -> Item? {
        if now >= nextRound { beginRound(at: now) }
        for (item, due) in later where now >= due {
            later[item] = nil
            enqueue(item)
        }
        while head < queue.count {
            let item = queue[head]
            head += 1
            if waiting.remove(item) != nil { return item }
        }
        queue.removeAll(keepingCapacity: true)
        head = 0
        return nil
    }

    private mutating func beginRound(at now: Instant) {
        // Set before its dumps, so that what is lost during them leads to another.
        nextRound = now + interval
        later = [:]
        roundIsRunning = true
        lostBeforeRound = [lostBeforeRound, lostAt].compactMap(\.self).min()
        lostAt = nil
        var items = [Item.links(nil)]
        if followsAll, searchIsOver { items.append(.numbers) }
        items += followed.sorted().map { .links($0) }
        round = Set(items)
        for item in items { enqueue(item) }
    }

    private mutating func enqueue(_ item: Item) {
        if waiting.insert(item).inserted { queue.append(item) }
    }

    /// Events were lost.
    ///
    /// - Parameter since: when that was noticed.
    mutating func requestRound(since: Instant, at now: Instant) {
        nextRound = min(nextRound, now)
        lostAt = min(lostAt ?? since, since)
    }

    /// Whether events were lost that have not been made up for.
    var isResyncing: Bool { lostAt != nil || lostBeforeRound != nil }

    mutating func add(_ item: Item, at due: Instant) {
        guard !waiting.contains(item), nextRound > due else { return }
        later[item] = min(later[item] ?? due, due)
    }

    mutating func searchEnded() {
        guard !searchIsOver else { return }
        searchIsOver = true
        round.insert(.numbers)
        enqueue(.numbers)
    }

    mutating func follow(_ namespace: NSID) {
        followed.insert(namespace)
        enqueue(.links(namespace))
    }

    mutating func unfollow(_ namespace: NSID) {
        followed.remove(namespace)
        drop(.links(namespace))
    }

    private mutating func drop(_ item: Item) {
        waiting.remove(item)
        later[item] = nil
        round.remove(item)
        // A round ends with a dump.
        if roundIsRunning, round.isEmpty {
            round.insert(.numbers)
            enqueue(.numbers)
        }
    }

    /// A round in which all was dumped whole.
    struct RoundEnd: Equatable {
        /// Since when events had been lost; nil when none had.
        var lostAt: Instant?
    }

    /// Takes in how the dump of an item went.
    ///
    /// - Returns: the end of a round, if that was the last of it.
    mutating func ended(_ item: Item, _ result: Result, at now: Instant) -> RoundEnd? {
        if item == .links(nil), result != .failed { ownIsDumped = true }
        if item == .numbers, result != .failed { numbersAreDumped = true }
        switch result {
        case .complete:
            round.remove(item)
            guard roundIsRunning, round.isEmpty else { return nil }
            roundIsRunning = false
            defer { lostBeforeRound = nil }
            return RoundEnd(lostAt: lostBeforeRound)
        case .torn: add(item, at: now + DumpSchedule.stormInterval)
        case .failed: add(item, at: now + DumpSchedule.retryAfterFailure)
        case .gone: if let namespace = item.namespace { unfollow(namespace) }
        }
        return nil
    }
}
