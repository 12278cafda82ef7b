import VexportCore

/// What waits for one channel, and when to try what. One try at a time.
///
/// What is told of one group keeps its order. Beyond `room` the oldest goes, and is counted.
struct DeliveryQueue: Sendable {
    struct Entry: Sendable {
        let id: String
        let notification: AlertNotification
        var failures = 0
        var notBefore: Timestamp
    }

    /// Notifications.
    static let room = 1_000

    private(set) var entries: [Entry] = []
    private(set) var inFlight: String?
    private(set) var breaker = CircuitBreaker()
    private let policy: RetryPolicy

    init(policy: RetryPolicy = RetryPolicy()) {
        self.policy = policy
    }

    /// - Returns: the id of what had to go.
    mutating func add(_ id: String, _ notification: AlertNotification, at: Timestamp) -> String? {
        entries.append(Entry(id: id, notification: notification, notBefore: at))
        guard entries.count > Self.room else { return nil }
        let oldest = entries.firstIndex { $0.id != inFlight }!
        return entries.remove(at: oldest).id
    }

    /// The next to try, which then is under way until `finished`.
    mutating func next(at: Timestamp) -> Entry? {
        guard inFlight == nil, breaker.allows(at: at), let entry = first(where: { $0.notBefore <= at }) else {
            return nil
        }
        inFlight = entry.id
        return entry
    }

    /// - Returns: whether it is done with, and so leaves the outbox.
    mutating func finished(_ verdict: DeliveryVerdict, at: Timestamp, chance: Double) -> Bool {
        defer { inFlight = nil }
        guard let position = entries.firstIndex(where: { $0.id == inFlight }) else { return true }
        switch verdict {
        case .delivered, .refused:
            // A refusal is an answer: the receiver is there.
            breaker.succeeded()
            entries.remove(at: position)
            return true
        case .retry(_, let after):
            breaker.failed(at: at)
            entries[position].failures += 1
            let wait = policy.wait(failures: entries[position].failures, chance: chance)
            entries[position].notBefore = at + max(wait, after ?? .zero)
            return false
        }
    }

    /// When `next` will have something; nil while a try is under way, and for never.
    var deadline: Timestamp? {
        guard inFlight == nil else { return nil }
        var earliest: Timestamp?
        _ = first { entry in
            earliest = min(earliest ?? entry.notBefore, entry.notBefore)
            return false
        }
        return earliest.map { max($0, breaker.openUntil ?? $0) }
    }

    /// Of those that no older one of the same group waits before.
    private func first(where isWanted: (Entry) -> Bool) -> Entry? {
        var groups: Set<String> = []
        return entries.first { groups.insert($0.notification.groupKey).inserted && isWanted($0) }
    }
}
