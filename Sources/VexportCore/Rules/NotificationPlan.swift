/// Who is told of which alerts, and when.
public struct NotificationPlan: Equatable, Sendable {
    /// Where alerts go that no other route takes.
    public var root: AlertRoute
    /// The first that matches takes an alert.
    public var routes: [AlertRoute]
    /// The channels of each receiver, by its name.
    public var receivers: [String: [AlertChannel]]

    public init(root: AlertRoute, routes: [AlertRoute] = [], receivers: [String: [AlertChannel]]) {
        self.root = root
        self.routes = routes
        self.receivers = receivers
    }

    /// Nobody is told anything.
    public static let none = NotificationPlan(root: AlertRoute(receiver: ""), receivers: [:])

    func route(for labels: LabelSet) -> AlertRoute {
        routes.first { route in route.matchers.allSatisfy { $0.matches(labels) } } ?? root
    }
}

/// One way through which alerts go to a receiver.
public struct AlertRoute: Equatable, Sendable {
    public var receiver: String
    /// All of them must match.
    public var matchers: [LabelMatcher]
    /// Alerts that have these labels in common are told of together. nil: only those that have all in common.
    public var groupBy: [String]?
    /// How long the first alert of a group waits for others.
    public var groupWait: Duration
    /// How long changes of a group wait after a notification.
    public var groupInterval: Duration
    /// After how long a group that fires on without a change is told of again.
    public var repeatInterval: Duration

    public init(
        receiver: String, matchers: [LabelMatcher] = [], groupBy: [String]? = ["alertname", "netns"],
        groupWait: Duration = .seconds(10), groupInterval: Duration = .seconds(300),
        repeatInterval: Duration = .seconds(4 * 3600)
    ) {
        self.receiver = receiver
        self.matchers = matchers
        self.groupBy = groupBy
        self.groupWait = groupWait
        self.groupInterval = groupInterval
        self.repeatInterval = repeatInterval
    }

    /// What Alertmanager calls such a route in its group keys.
    var key: String { matchers.isEmpty ? "{}" : "{}/{\(matchers.map(\.description).joined(separator: ","))}" }

    func groupLabels(_ labels: LabelSet) -> LabelSet {
        guard let groupBy else { return labels }
        return labels.filter { name, _ in groupBy.contains(name) }
    }
}

/// One of the places that a receiver's alerts are sent to, as far as deciding when to send goes.
public struct AlertChannel: Equatable, Hashable, Codable, Sendable {
    /// Unique, such as `ops/slack/0`.
    public let id: String
    public let receiver: String
    public var sendsResolved: Bool
    /// Alerts in one notification; the others are counted. nil for all.
    public var mostAlerts: Int?
    /// Of an Alertmanager, which groups by itself and forgets what it is not told again.
    public var resendInterval: Duration?

    public init(
        id: String, receiver: String, sendsResolved: Bool = true, mostAlerts: Int? = nil,
        resendInterval: Duration? = nil
    ) {
        self.id = id
        self.receiver = receiver
        self.sendsResolved = sendsResolved
        self.mostAlerts = mostAlerts
        self.resendInterval = resendInterval
    }
}
