/// Turns changes of alerts into notifications: routes, groups, holds back, repeats.
///
/// A plain value; what it hands out is to be sent at least once. It is saved together with that.
public struct AlertDispatcher: Sendable {
    /// What outlives a restart.
    public struct Saved: Codable, Sendable {
        var groups: [AlertGroup] = []
        public var silences = Silences()

        public init() {}
    }

    private struct Key: Hashable {
        let channel: String
        let route: String
        let labels: LabelSet
    }

    public private(set) var plan: NotificationPlan
    private var groups: [Key: AlertGroup] = [:]
    public private(set) var silences: Silences
    /// Alerts that fire and stand for what hangs on their subject, by that.
    private var causes: [AlertSubject: Int] = [:]

    public init(plan: NotificationPlan, saved: Saved = Saved()) {
        self.plan = plan
        silences = saved.silences
        regroup(saved.groups)
    }

    public var saved: Saved {
        var saved = Saved()
        saved.groups = Array(groups.values)
        saved.silences = silences
        return saved
    }

    /// When `flush` may have something to say; nil for never.
    public var deadline: Timestamp? { groups.values.map(\.due).min() }

    /// The firing alerts that each channel has been told of.
    public var toldCounts: [String: Int] {
        groups.values.reduce(into: [:]) { $0[$1.channel.id, default: 0] += $1.told.count }
    }

    public mutating func setPlan(_ plan: NotificationPlan, firing: [Alert], at: Timestamp) {
        self.plan = plan
        regroup(Array(groups.values))
        take(firing, at: at)
    }

    /// Takes in alerts that fired or were resolved.
    public mutating func take(_ alerts: [Alert], at: Timestamp) {
        for alert in alerts {
            for (key, channel, route) in destinations(of: alert) {
                if let place = groups.index(forKey: key) {
                    groups.values[place].take(alert)
                } else if alert.state.phase == .firing {
                    var group = AlertGroup(channel, route, key.labels, at: at)
                    group.take(alert)
                    groups[key] = group
                }
            }
        }
        if alerts.contains(where: \.isRootCause) { rebuildCauses() }
    }

    /// The groups that an alert belongs to by the plan.
    private func destinations(of alert: Alert) -> [(key: Key, channel: AlertChannel, route: AlertRoute)] {
        let route = plan.route(for: alert.labels)
        let labels = route.groupLabels(alert.labels)
        return (plan.receivers[route.receiver] ?? []).map { channel in
            (Key(channel: channel.id, route: route.key, labels: labels), channel, route)
        }
    }

    /// What is to be sent now.
    public mutating func flush(at: Timestamp) -> [AlertNotification] {
        silences.removeEnded(at: at)
        var notifications: [AlertNotification] = []
        let due = groups.filter { $0.value.due <= at }.keys
        guard !due.isEmpty else { return [] }
        let held = heldBack()
        let (silences, causes) = (silences, causes)
        for key in due {
            let notification = groups[key]!.flush(at: at) { alert in
                if silences.cover(alert.labels, at: at) { return nil }
                if alert.isHeldBack(by: causes) { return nil }
                let names = alert.isRootCause ? held[alert.subject] ?? [] : []
                return .init(alert, heldBack: names.count, heldBackNames: Array(names.prefix(10)))
            }
            if let notification { notifications.append(notification) }
            if groups[key]!.isEmpty { groups[key] = nil }
        }
        return notifications.sorted { ($0.channel, $0.groupKey) < ($1.channel, $1.groupKey) }
    }

    /// What a notification to a channel looks like that means nothing.
    public static func test(_ channel: AlertChannel, labels: LabelSet, at: Timestamp) -> AlertNotification {
        var state = AlertState(activeSince: at)
        _ = state.step(at: at, hold: .zero, keepFiring: .zero)
        let alert = Alert(
            labels: labels.merging(["alertname": "VexportTest", "severity": "info"]),
            text: .written(["summary": "This is a test of vexport: nothing is wrong"]),
            subject: AlertSubject(.host, ""), dependsOn: [], isRootCause: false, state: state, value: nil)
        let group = LabelSet(["alertname": "VexportTest"])
        return AlertNotification(
            channel, groupKey: "{}:\(group)", groupLabels: group, items: [.init(alert)], at: at)
    }

    public mutating func addSilence(_ silence: Silence) -> Bool { silences.add(silence) }

    public mutating func expireSilence(_ id: String) -> Bool { silences.expire(id) }

    /// What is held back, and silenced, of the firing alerts.
    public func standing(of alert: Alert, at: Timestamp) -> (isSilenced: Bool, isHeldBack: Bool) {
        (silences.cover(alert.labels, at: at), alert.isHeldBack(by: causes))
    }

    // MARK: - Root causes

    /// Each alert once, whatever the number of channels that are told of it.
    private var firing: [LabelSet: Alert] {
        groups.values.reduce(into: [:]) { all, group in
            for (labels, alert) in group.alerts where alert.state.phase == .firing { all[labels] = alert }
        }
    }

    private mutating func rebuildCauses() {
        causes = firing.values.reduce(into: [:]) { if $1.isRootCause { $0[$1.subject, default: 0] += 1 } }
    }

    /// The names of what each root cause holds back.
    private func heldBack() -> [AlertSubject: [String]] {
        guard !causes.isEmpty else { return [:] }
        var names: [AlertSubject: Set<String>] = [:]
        for alert in firing.values {
            for cause in alert.dependsOn where causes[cause] != nil && cause != alert.subject {
                names[cause, default: []].insert(alert.subject.name)
            }
        }
        return names.mapValues { $0.sorted() }
    }

    /// Puts the alerts of groups of another plan where they belong by this one. A channel that is to be told of an alert by
    /// both is not told twice; one that is not there any more, or not for this alert, hears no more of it.
    private mutating func regroup(_ former: [AlertGroup]) {
        var groups: [Key: AlertGroup] = [:]
        for old in former {
            for alert in old.alerts.values {
                for (key, channel, route) in destinations(of: alert) where channel.id == old.channel.id {
                    groups[key, default: AlertGroup(channel, route, key.labels, after: old)]
                        .restore(alert, isTold: old.told.contains(alert.labels))
                }
            }
        }
        self.groups = groups
        rebuildCauses()
    }
}

extension Alert {
    fileprivate func isHeldBack(by causes: [AlertSubject: Int]) -> Bool {
        dependsOn.contains { causes[$0] != nil && $0 != subject }
    }
}
