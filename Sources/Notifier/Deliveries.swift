import Logging
import VexportCore

/// The queues of all channels and what became of what was in them.
struct Deliveries {
    struct Lane {
        let channel: Channel
        let receiver: String
        var queue = DeliveryQueue()
        var count = ChannelCount()
    }

    private(set) var lanes: [String: Lane] = [:]

    /// Takes other channels. What waits for one that stays goes on waiting.
    ///
    /// - Returns: the ids of what waited for others.
    mutating func setChannels(_ channels: [(plan: AlertChannel, channel: Channel)]) -> [String] {
        let old = lanes
        lanes = [:]
        for (plan, channel) in channels {
            var lane = Lane(channel: channel, receiver: plan.receiver)
            if let known = old[plan.id] { (lane.queue, lane.count) = (known.queue, known.count) }
            lanes[plan.id] = lane
        }
        return old.filter { lanes[$0.key] == nil }.values.flatMap { $0.queue.entries.map(\.id) }
    }

    /// - Returns: the ids of what is not going to be sent: too much waits, or the channel is gone.
    mutating func add(_ id: String, _ notification: AlertNotification, at: Timestamp) -> [String] {
        guard lanes[notification.channel] != nil else { return [id] }
        guard let dropped = lanes[notification.channel]!.queue.add(id, notification, at: at) else { return [] }
        lanes[notification.channel]!.count.dropped += 1
        return [dropped]
    }

    /// What is to be tried now.
    mutating func next(at: Timestamp) -> [(lane: String, channel: Channel, entry: DeliveryQueue.Entry)] {
        var tries: [(lane: String, channel: Channel, entry: DeliveryQueue.Entry)] = []
        for id in lanes.keys {
            if let entry = lanes[id]!.queue.next(at: at) { tries.append((id, lanes[id]!.channel, entry)) }
        }
        return tries
    }

    /// - Parameter isTest: it was tried for the test command: once, and what comes of it is no loss.
    /// - Returns: the id, if the outbox can forget it.
    mutating func finished(
        _ lane: String, _ id: String, _ verdict: DeliveryVerdict, isTest: Bool, took: Duration, at: Timestamp,
        chance: Double
    ) -> String? {
        guard lanes[lane] != nil else { return id }
        if !isTest { lanes[lane]!.count.add(verdict, took: took) }
        var verdict = verdict
        if isTest, case .retry(let reason, _) = verdict { verdict = .refused(reason: reason) }
        return lanes[lane]!.queue.finished(verdict, at: at, chance: chance) ? id : nil
    }

    /// All that is to be sent still.
    var waiting: [(id: String, notification: AlertNotification)] {
        lanes.values.flatMap { $0.queue.entries.map { (id: $0.id, notification: $0.notification) } }
    }

    var deadline: Timestamp? { lanes.values.compactMap(\.queue.deadline).min() }
}

/// What became of a channel's notifications since the start.
struct ChannelCount: Sendable {
    var delivered: UInt64 = 0
    var failedTries: UInt64 = 0
    var refused: UInt64 = 0
    var dropped: UInt64 = 0
    /// The last try's.
    var duration: Duration?
    var lastError: String?

    mutating func add(_ verdict: DeliveryVerdict, took: Duration) {
        duration = took
        switch verdict {
        case .delivered:
            delivered += 1
            lastError = nil
        case .refused(let reason):
            failedTries += 1
            refused += 1
            lastError = reason
        case .retry(let reason, _):
            failedTries += 1
            lastError = reason
        }
    }
}
