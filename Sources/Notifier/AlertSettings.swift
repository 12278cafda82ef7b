public import VexportCore

/// What the configuration says of alerts.
public struct AlertSettings: Equatable, Sendable {
    public var rules: [Rule]
    public var externalLabels: [String: String]
    public var root: AlertRoute
    public var routes: [AlertRoute]
    /// By name. Without any, nobody is told anything and nothing is stored.
    public var receivers: [String: [Channel]]
    /// Where `alerts.db` is.
    public var directory: String
    /// How long links are held for flapping, which alerts of before a restart must wait for.
    public var damping: FlapDamping

    public init(
        rules: [Rule] = BuiltInRules.all, externalLabels: [String: String] = [:],
        root: AlertRoute = AlertRoute(receiver: ""), routes: [AlertRoute] = [], receivers: [String: [Channel]] = [:],
        directory: String = "/var/lib/vexport", damping: FlapDamping = FlapDamping()
    ) {
        self.rules = rules
        self.externalLabels = externalLabels
        self.root = root
        self.routes = routes
        self.receivers = receivers
        self.directory = directory
        self.damping = damping
    }

    /// Each channel with what the dispatcher knows it by.
    var channels: [(plan: AlertChannel, channel: Channel)] {
        receivers.sorted { $0.key < $1.key }.flatMap { name, channels in
            channels.enumerated().map { ($1.plan(receiver: name, position: $0), $1) }
        }
    }

    var plan: NotificationPlan {
        NotificationPlan(
            root: root, routes: routes,
            receivers: Dictionary(grouping: channels.map(\.plan), by: \.receiver))
    }
}
