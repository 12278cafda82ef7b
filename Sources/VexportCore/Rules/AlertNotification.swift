/// What one channel is told of one group of alerts.
public struct AlertNotification: Codable, Equatable, Sendable {
    /// One alert as a receiver sees it.
    public struct Item: Codable, Equatable, Sendable {
        public let labels: LabelSet
        public let annotations: [String: String]
        public let startsAt: Timestamp
        /// nil while it fires.
        public let endsAt: Timestamp?
        /// Of how many links and other subjects that hang on its own it holds back the alerts.
        public var heldBack: Int
        /// The names of some of them.
        public var heldBackNames: [String]

        public init(_ alert: Alert, heldBack: Int = 0, heldBackNames: [String] = []) {
            labels = alert.labels
            annotations = alert.annotations
            startsAt = alert.state.firedAt ?? alert.state.activeSince
            endsAt = alert.state.resolvedAt
            self.heldBack = heldBack
            self.heldBackNames = heldBackNames
        }
    }

    /// The channel's.
    public var channel: String
    public var receiver: String
    public var groupKey: String
    public var groupLabels: LabelSet
    public var commonLabels: LabelSet
    public var commonAnnotations: [String: String]
    public var items: [Item]
    /// How many more there were than the channel takes.
    public var truncated: Int
    public var at: Timestamp

    public var isFiring: Bool { items.contains { $0.endsAt == nil } }

    init(_ channel: AlertChannel, groupKey: String, groupLabels: LabelSet, items: [Item], at: Timestamp) {
        self.channel = channel.id
        receiver = channel.receiver
        self.groupKey = groupKey
        self.groupLabels = groupLabels
        self.at = at
        commonLabels = items[0].labels.filter { name, value in items.allSatisfy { $0.labels[name] == value } }
        commonAnnotations = items[0].annotations.filter { name, value in
            items.allSatisfy { $0.annotations[name] == value }
        }
        // Those that fire first, so that the limit leaves out what is over.
        let sorted = items.filter { $0.endsAt == nil } + items.filter { $0.endsAt != nil }
        self.items = Array(sorted.prefix(channel.mostAlerts ?? .max))
        truncated = sorted.count - self.items.count
    }
}
