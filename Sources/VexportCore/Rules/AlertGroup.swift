/// Alerts that one channel is told of together: when it is told, and what it knows already.
struct AlertGroup: Codable, Equatable, Sendable {
    let channel: AlertChannel
    let route: String
    let labels: LabelSet
    var interval: Duration
    var repetition: Duration
    /// Those that fire, and those that were resolved after they had been told of.
    private(set) var alerts: [LabelSet: Alert] = [:]
    /// The alerts that the channel has been told are firing.
    private(set) var told: Set<LabelSet> = []
    private(set) var due: Timestamp
    private var lastTold: Timestamp?

    /// One that waits for more alerts.
    init(_ channel: AlertChannel, _ route: AlertRoute, _ labels: LabelSet, at: Timestamp) {
        self.init(channel, route, labels, due: at + route.groupWait)
    }

    /// One that goes on where another one of the channel was, under another plan.
    init(_ channel: AlertChannel, _ route: AlertRoute, _ labels: LabelSet, after former: AlertGroup) {
        self.init(channel, route, labels, due: former.due)
        lastTold = former.lastTold
    }

    private init(_ channel: AlertChannel, _ route: AlertRoute, _ labels: LabelSet, due: Timestamp) {
        self.channel = channel
        self.route = route.key
        self.labels = labels
        interval = channel.resendInterval.map { min($0, route.groupInterval) } ?? route.groupInterval
        repetition = channel.resendInterval ?? route.repeatInterval
        self.due = due
    }

    var key: String { "\(route):\(labels)" }

    /// Tells groups apart, those of different channels too.
    var id: String { "\(channel.id) \(route) \(labels.fingerprint)" }

    /// All of it but the alerts.
    var header: AlertGroup {
        var header = self
        (header.alerts, header.told) = ([:], [])
        return header
    }

    var isEmpty: Bool { alerts.isEmpty && told.isEmpty }

    mutating func take(_ alert: Alert) {
        if alert.state.phase == .resolved, !told.contains(alert.labels) {
            alerts[alert.labels] = nil  // nobody has heard of it
        } else {
            alerts[alert.labels] = alert
        }
    }

    /// Takes back an alert of before a restart.
    mutating func restore(_ alert: Alert, isTold: Bool) {
        alerts[alert.labels] = alert
        if isTold { told.insert(alert.labels) }
    }

    /// Decides what to tell now, if it is time.
    ///
    /// - Parameter item: what to say of an alert; nil for one that is silenced or held back. Resolved alerts that were
    ///   told of are told of whatever it says: who heard of the trouble hears of its end.
    /// - Returns: nil when it is not time, or there is nothing new.
    mutating func flush(at: Timestamp, item: (Alert) -> AlertNotification.Item?) -> AlertNotification? {
        guard at >= due else { return nil }
        due = at + interval
        var items: [AlertNotification.Item] = []
        var hasNews = false
        var firing: Set<LabelSet> = []
        for alert in alerts.values.sorted(by: { $0.labels < $1.labels }) {
            if alert.state.phase == .resolved {
                hasNews = hasNews || channel.sendsResolved
                if channel.sendsResolved { items.append(.init(alert)) }
            } else if let item = item(alert) {
                hasNews = hasNews || !told.contains(alert.labels)
                items.append(item)
                firing.insert(alert.labels)
            }
        }
        let isRepeat = lastTold.map { at >= $0 + repetition } ?? true
        defer { alerts = alerts.filter { $0.value.state.phase != .resolved } }
        guard !items.isEmpty, hasNews || (isRepeat && !firing.isEmpty) else {
            told.formIntersection(alerts.values.lazy.filter { $0.state.phase == .firing }.map(\.labels))
            return nil
        }
        lastTold = at
        // What is held back now was told of before, and must be told of when it ends.
        told = firing.union(told.filter { alerts[$0]?.state.phase == .firing })
        return AlertNotification(channel, groupKey: key, groupLabels: labels, items: items, at: at)
    }
}
