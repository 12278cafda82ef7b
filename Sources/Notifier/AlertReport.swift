public import VexportCore

/// What `/api/v1/alerts` answers: alerts, and how telling of them goes.
public struct AlertReport: Codable, Sendable {
    public struct Item: Codable, Sendable {
        public var labels: [String: String]
        public var annotations: [String: String]
        /// `pending` or `firing`.
        public var state: String
        /// RFC 3339.
        public var activeAt: String
        public var value: String?
        public var silenced: Bool
        /// By the alert of something that this hangs on.
        public var heldBack: Bool
    }

    public struct Delivery: Codable, Sendable {
        public var channel: String
        public var receiver: String
        /// Firing alerts that it has been told of.
        public var told: Int
        public var delivered: UInt64
        public var waiting: Int
        public var failedTries: UInt64
        /// Given up.
        public var dropped: UInt64
        public var lastError: String?
        /// When the next try is due, after failures. RFC 3339.
        public var nextTry: String?
    }

    public var alerts: [Item]
    public var deliveries: [Delivery]
}

/// What `/api/v1/silences` answers of each.
public struct SilenceReport: Codable, Sendable {
    public var id: String
    public var matchers: [String]
    /// RFC 3339.
    public var startsAt: String
    public var endsAt: String
    public var comment: String
    public var createdBy: String
}

extension Notifier {
    public func report() async -> AlertReport {
        await ask { worker in
            let told = worker.dispatcher.toldCounts
            let now = worker.now
            return AlertReport(
                alerts: worker.engine.active.sorted { $0.labels < $1.labels }.map { alert in
                    let (isSilenced, isHeldBack) = worker.dispatcher.standing(of: alert, at: now)
                    return AlertReport.Item(
                        labels: alert.labels.values, annotations: alert.annotations, state: alert.state.phase.rawValue,
                        activeAt: alert.state.activeSince.description, value: alert.value.map { "\($0)" },
                        silenced: isSilenced, heldBack: isHeldBack)
                },
                deliveries: worker.deliveries.lanes.sorted { $0.key < $1.key }.map { id, lane in
                    AlertReport.Delivery(
                        channel: id, receiver: lane.receiver, told: told[id] ?? 0, delivered: lane.count.delivered,
                        waiting: lane.queue.entries.count, failedTries: lane.count.failedTries,
                        dropped: lane.count.dropped + lane.count.refused, lastError: lane.count.lastError,
                        nextTry: lane.count.lastError == nil ? nil : lane.queue.deadline?.description)
                })
        }
    }

    public func silences() async -> [SilenceReport] {
        await ask { $0.dispatcher.silences.all }.map { silence in
            SilenceReport(
                id: silence.id, matchers: silence.matchers.map(\.description), startsAt: silence.startsAt.description,
                endsAt: silence.endsAt.description, comment: silence.comment, createdBy: silence.createdBy)
        }
    }

    /// - Returns: the new silence's id; nil when there are too many.
    public func addSilence(
        _ matchers: [LabelMatcher], duration: Duration, comment: String, createdBy: String
    ) async -> String? {
        await ask { worker in
            let (id, now) = (worker.nextID(), worker.now)
            let silence = Silence(
                id: id, matchers: matchers, startsAt: now, endsAt: now + duration, comment: comment,
                createdBy: createdBy)
            return worker.addSilence(silence) ? id : nil
        }
    }

    /// - Returns: false when there is none of this id.
    public func expireSilence(_ id: String) async -> Bool { await ask { $0.expireSilence(id) } }

    /// Sends a test to a receiver and waits for the first try of each of its channels.
    ///
    /// - Returns: what went wrong by channel, nil for nothing; nil when there is no such receiver.
    public func test(_ receiver: String) async -> [(channel: String, failure: String?)]? {
        let (stream, continuation) = AsyncStream<(String, DeliveryVerdict)>.makeStream()
        let channels = await ask { $0.test(receiver) { continuation.yield(($0, $1)) } }
        guard let channels else { return nil }
        var results: [(channel: String, failure: String?)] = []
        var iterator = stream.makeAsyncIterator()
        while results.count < channels.count, let (channel, verdict) = await iterator.next() {
            switch verdict {
            case .delivered: results.append((channel, nil))
            case .refused(let reason), .retry(let reason, _): results.append((channel, reason))
            }
        }
        return results.sorted { $0.channel < $1.channel }
    }
}
