/// All rules and their alerts: takes in what was found, and says which alerts changed.
///
/// A plain value. An evaluation costs nothing when nothing changed and no time is up, and else by the conditions given.
public struct RuleEngine: Sendable {
    /// Alerts of one rule, at most: what is beyond it is counted, not kept.
    public static let mostAlerts = 20_000

    public private(set) var rules: [Rule]
    /// Added to every alert, unless it has the label. Source: `external_labels`, and `instance`.
    public private(set) var externalLabels: [String: String]
    /// By rule, then by what tells its conditions apart.
    private var alerts: [String: [Key: Alert]] = [:]
    private var nextDeadline: Timestamp?
    /// Conditions that there was no room for.
    public private(set) var refused: UInt64 = 0
    /// How often an alert came, went, or went on to another phase: to know when to save.
    public private(set) var changes: UInt64 = 0
    /// Restored alerts that no rule makes any more.
    private var orphans: [Alert] = []

    private struct Key: Hashable {
        let subject: AlertSubject
        let labels: [String: String]
    }

    /// - Parameter restored: alerts that were there when the state was last saved; see `endOrphans`.
    public init(rules: [Rule], externalLabels: [String: String], restored: [Alert] = []) {
        self.rules = rules
        self.externalLabels = externalLabels
        for alert in restored { adopt(alert) }
        updateDeadline()
    }

    /// All that are pending or firing.
    public var active: [Alert] { alerts.values.flatMap(\.values) }

    /// Those that are firing.
    public var firing: [Alert] { active.filter { $0.state.phase == .firing } }

    /// When `evaluate` has something to do even without input; nil for never.
    public var deadline: Timestamp? { nextDeadline }

    /// Moves all alerts on.
    ///
    /// - Returns: those that fired or were resolved.
    public mutating func evaluate(_ input: RuleInput, at: Timestamp) -> [Alert] {
        guard !input.isEmpty || nextDeadline.map({ at >= $0 }) == true else { return [] }
        var changed: [Alert] = []
        for rule in rules {
            switch rule.condition {
            case .finding(let name):
                if let conditions = input.findings[name] { set(conditions, rule, at) }
            case .threshold:
                if let conditions = input.thresholds[rule.name] { set(conditions, rule, at) }
            case .event(let event):
                for (name, condition) in input.events { happen(name, condition, event, rule, at, &changed) }
            }
            step(rule, at, &changed)
        }
        updateDeadline()
        return changed
    }

    /// Ends the restored alerts that no rule makes any more.
    ///
    /// - Returns: those that had fired, resolved.
    public mutating func endOrphans(at: Timestamp) -> [Alert] {
        defer { orphans = [] }
        return orphans.compactMap { Self.ended($0, at) }
    }

    /// Takes other rules. Alerts of rules that stay go on; those of the others are resolved.
    ///
    /// - Returns: those that were resolved.
    public mutating func setRules(_ rules: [Rule], externalLabels: [String: String], at: Timestamp) -> [Alert] {
        var ended: [Alert] = []
        let kept = externalLabels == self.externalLabels ? Set(rules.map(\.name)) : []
        for (name, group) in alerts where !kept.contains(name) {
            ended += group.values.compactMap { Self.ended($0, at) }
            alerts[name] = nil
        }
        self.rules = rules
        self.externalLabels = externalLabels
        updateDeadline()
        return ended
    }

    // MARK: - One rule

    private mutating func set(_ conditions: [AlertCondition], _ rule: Rule, _ at: Timestamp) {
        var group = alerts[rule.name] ?? [:]
        var ended = group.isEmpty ? [] : Set(group.keys)
        for condition in conditions {
            let key = Key(subject: condition.subject, labels: condition.labels)
            ended.remove(key)
            raise(condition, key, rule, at, in: &group)
        }
        for key in ended { group[key]!.state.end(at: at) }
        alerts[rule.name] = group.isEmpty ? nil : group
    }

    private mutating func happen(
        _ name: String, _ condition: AlertCondition, _ event: RuleEvent, _ rule: Rule, _ at: Timestamp,
        _ changed: inout [Alert]
    ) {
        let key = Key(subject: condition.subject, labels: condition.labels)
        var group = alerts[rule.name] ?? [:]
        let happened = RuleEvent(rawValue: name)
        let concerns = happened == event && rule.concerns(condition)
        if concerns {
            raise(condition, key, rule, at, in: &group)
            if event.end == nil { group[key]?.state.end(at: at) }
        } else if happened == event.end || (happened?.endsLink == true && !event.endsLink) {
            for key in group.keys where key.subject == condition.subject { group[key]!.state.end(at: at) }
        }
        alerts[rule.name] = group.isEmpty ? nil : group
        // What comes next in the same batch must not hide that it fired.
        if concerns { step(rule, at, &changed) }
    }

    private mutating func raise(
        _ condition: AlertCondition, _ key: Key, _ rule: Rule, _ at: Timestamp, in group: inout [Key: Alert]
    ) {
        if group[key] != nil {
            group[key]!.state.raise()
            group[key]!.value = condition.value
            group[key]!.dependsOn = condition.dependsOn
        } else if group.count < Self.mostAlerts {
            group[key] = alert(condition, rule, at)
            changes += 1
        } else {
            refused += 1
        }
    }

    private func labels(_ condition: AlertCondition, _ rule: Rule) -> LabelSet {
        LabelSet(externalLabels).merging(condition.labels).merging(condition.subject.labels).merging(rule.labels)
            .merging(["alertname": rule.name])
    }

    private func alert(_ condition: AlertCondition, _ rule: Rule, _ at: Timestamp) -> Alert {
        let labels = labels(condition, rule)
        return Alert(
            labels: labels,
            annotations: rule.annotations.mapValues { template in
                template.render { name in
                    name == "value"
                        ? condition.value.map { $0.shortText } : condition.facts[name] ?? labels[name]
                }
            }.filter { !$0.value.isEmpty },
            subject: condition.subject, conditionLabels: condition.labels, dependsOn: condition.dependsOn,
            isRootCause: rule.isRootCause,
            state: AlertState(activeSince: at), value: condition.value)
    }

    private mutating func step(_ rule: Rule, _ at: Timestamp, _ changed: inout [Alert]) {
        guard var group = alerts.removeValue(forKey: rule.name) else { return }
        for key in group.keys {
            let change = group[key]!.state.step(at: at, hold: rule.holdDuration, keepFiring: rule.keepFiringDuration)
            if change != nil { changes += 1 }
            switch change {
            case .fired: changed.append(group[key]!)
            case .resolved: changed.append(group.removeValue(forKey: key)!)
            case .dropped: group[key] = nil
            case nil: break
            }
        }
        if !group.isEmpty { alerts[rule.name] = group }
    }

    /// Takes back a saved alert, if the rule and the external labels are still those that made it.
    private mutating func adopt(_ alert: Alert) {
        let condition = AlertCondition(alert.subject, labels: alert.conditionLabels)
        guard let rule = rules.first(where: { $0.name == alert.name }), labels(condition, rule) == alert.labels else {
            return orphans.append(alert)
        }
        alerts[rule.name, default: [:]][Key(subject: alert.subject, labels: alert.conditionLabels)] = alert
    }

    /// The alert resolved; nil when nobody has heard of it.
    private static func ended(_ alert: Alert, _ at: Timestamp) -> Alert? {
        var alert = alert
        guard alert.state.phase == .firing else { return nil }
        alert.state.end(at: at)
        _ = alert.state.step(at: at, hold: .zero, keepFiring: .zero)
        return alert
    }

    private mutating func updateDeadline() {
        nextDeadline = rules.reduce(nil) { earliest, rule in
            (alerts[rule.name] ?? [:]).values.reduce(earliest) { earliest, alert in
                guard let deadline = alert.state.deadline(hold: rule.holdDuration, keepFiring: rule.keepFiringDuration)
                else { return earliest }
                return min(earliest ?? deadline, deadline)
            }
        }
    }
}

extension Rule {
    /// Whether an event is of one of the links that the rule is about.
    fileprivate func concerns(_ condition: AlertCondition) -> Bool {
        guard let links else { return true }
        return links.matches(
            name: condition.subject.name, kind: condition.facts["kind"] ?? "", namespace: condition.subject.namespace)
    }
}

extension Double {
    /// At most two places after the point, for people.
    var shortText: String {
        guard isFinite, magnitude < 1e15 else { return description }
        let hundredths = (self * 100).rounded()
        let whole = (hundredths / 100)
        return whole == whole.rounded() ? String(Int64(whole)) : String(whole)
    }
}
