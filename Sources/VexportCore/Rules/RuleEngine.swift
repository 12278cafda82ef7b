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
    var alerts: [String: [Key: Alert]] = [:]
    /// By rule; see `restore`.
    var unseen: [String: Unseen] = [:]
    private var nextDeadline: Timestamp?
    /// Conditions that there was no room for.
    public private(set) var refused: UInt64 = 0
    /// How often an alert came, went, or went on to another phase: to know when to save.
    public private(set) var changes: UInt64 = 0

    struct Key: Hashable {
        let subject: AlertSubject
        let labels: [String: String]

        /// Events go by their subject: what ends one may know other labels.
        init(_ subject: AlertSubject, _ labels: [String: String], _ rule: Rule) {
            self.subject = subject
            if case .event = rule.condition { self.labels = [:] } else { self.labels = labels }
        }
    }

    public init(rules: [Rule], externalLabels: [String: String]) {
        self.rules = rules
        self.externalLabels = externalLabels
    }

    /// All that are pending or firing.
    public var active: [Alert] { alerts.values.flatMap(\.values) }

    /// Those of one rule.
    public func alerts(of rule: Rule) -> some Collection<Alert> { (alerts[rule.name] ?? [:]).values }

    /// Those that are firing.
    public var firing: [Alert] { active.filter { $0.state.phase == .firing } }

    /// When `evaluate` has something to do even without input; nil for never.
    public var deadline: Timestamp? { nextDeadline }

    /// Moves all alerts on.
    ///
    /// - Returns: those that fired or were resolved.
    public mutating func evaluate(_ input: RuleInput, at: Timestamp) -> [Alert] {
        guard !input.isEmpty || nextDeadline.map({ at >= $0 }) == true else { return [] }
        for review in input.reviews { take(review, at: at) }
        endUnseen(at: at)
        var changed: [Alert] = []
        for rule in rules {
            switch rule.condition {
            case .finding(let name):
                if let conditions = input.findings[name] { set(conditions, rule, at) }
            case .threshold:
                if let conditions = input.thresholds[rule.name] { set(conditions, rule, at) }
            case .event(let event):
                for (happened, condition) in input.events { happen(happened, condition, event, rule, at, &changed) }
            }
            step(rule, at, &changed)
        }
        updateDeadline()
        return changed
    }

    /// Takes other rules. Alerts go on whose rule makes them still, with the same labels; the others are resolved.
    ///
    /// - Returns: those that were resolved.
    public mutating func setRules(_ rules: [Rule], externalLabels: [String: String], at: Timestamp) -> [Alert] {
        self.rules = rules
        self.externalLabels = externalLabels
        let byName = Dictionary(uniqueKeysWithValues: rules.map { ($0.name, $0) })
        var ended: [Alert] = []
        for (name, group) in alerts {
            for (key, alert) in group {
                if let rule = byName[name], labels(of: alert, rule) == alert.labels { continue }
                ended += [Self.ended(alert, at)].compactMap(\.self)
                unseen[name]?.keys.remove(key)
                remove(key, of: name)
            }
        }
        updateDeadline()
        return ended
    }

    // MARK: - One rule

    private mutating func set(_ conditions: [AlertCondition], _ rule: Rule, _ at: Timestamp) {
        var holding: Set<Key> = []
        for condition in conditions where rule.concerns(condition) {
            let key = Key(condition.subject, condition.labels, rule)
            if raise(condition, key, rule, at) { holding.insert(key) }
        }
        let known = (alerts[rule.name] ?? [:]).keys
        guard known.count > holding.count else { return }
        for key in known where !holding.contains(key) && !isUnseen(key, rule) {
            alerts[rule.name]?[key]?.state.end(at: at)
        }
    }

    private mutating func happen(
        _ happened: RuleEvent, _ condition: AlertCondition, _ event: RuleEvent, _ rule: Rule, _ at: Timestamp,
        _ changed: inout [Alert]
    ) {
        let endsIt = happened == event.end || (happened.isEnd && !event.isEnd)
        guard happened == event || endsIt else { return }
        let key = Key(condition.subject, condition.labels, rule)
        if happened == event, rule.concerns(condition) {
            raise(condition, key, rule, at)
            if event.end == nil { alerts[rule.name]?[key]?.state.end(at: at) }
            // What comes next in the same batch must not hide that it fired.
            step(key, rule, at, &changed)
        } else if endsIt {
            unseen[rule.name]?.keys.remove(key)
            alerts[rule.name]?[key]?.state.end(at: at)
        }
    }

    /// - Returns: false when there was no room.
    @discardableResult
    private mutating func raise(_ condition: AlertCondition, _ key: Key, _ rule: Rule, _ at: Timestamp) -> Bool {
        if alerts[rule.name]?[key]?.raise(condition) != nil {
            unseen[rule.name]?.keys.remove(key)
        } else if alerts[rule.name]?.count ?? 0 < Self.mostAlerts {
            alerts[rule.name, default: [:]][key] = alert(condition, rule, at)
            changes += 1
        } else {
            refused += 1
            return false
        }
        return true
    }

    /// The labels that a rule gives an alert of before.
    func labels(of alert: Alert, _ rule: Rule) -> LabelSet {
        labels(AlertCondition(alert.subject, labels: alert.conditionLabels), rule)
    }

    private func labels(_ condition: AlertCondition, _ rule: Rule) -> LabelSet {
        var values = externalLabels
        values.reserveCapacity(values.count + condition.labels.count + rule.labels.count + 3)
        for more in [condition.labels, condition.subject.labels, rule.labels] { values.merge(more) { $1 } }
        values["alertname"] = rule.name
        return LabelSet(values)
    }

    /// Without a word to anybody.
    mutating func remove(_ key: Key, of name: String) {
        guard alerts[name]?.removeValue(forKey: key) != nil else { return }
        if alerts[name]!.isEmpty { alerts[name] = nil }
        changes += 1
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

    /// Moves a rule's alerts on, in place: there can be thousands, most of which stay as they are.
    private mutating func step(_ rule: Rule, _ at: Timestamp, _ changed: inout [Alert]) {
        guard var group = alerts.removeValue(forKey: rule.name) else { return }
        let unseen = unseenKeys(rule)
        var over: [Key] = []
        var place = group.startIndex
        while place != group.endIndex {
            let key = group.keys[place]
            if !unseen.contains(key) {
                let change = group.values[place].state.step(rule, at)
                if change != nil { changes += 1 }
                if change == .fired || change == .resolved { changed.append(group.values[place]) }
                if change == .dropped || change == .resolved { over.append(key) }
            }
            group.formIndex(after: &place)
        }
        for key in over { group[key] = nil }
        if !group.isEmpty { alerts[rule.name] = group }
    }

    /// Moves one alert on.
    private mutating func step(_ key: Key, _ rule: Rule, _ at: Timestamp, _ changed: inout [Alert]) {
        guard let change = alerts[rule.name]?[key]?.state.step(rule, at) else { return }
        changes += 1
        if change == .fired || change == .resolved { changed.append(alerts[rule.name]![key]!) }
        if change == .dropped || change == .resolved { alerts[rule.name]![key] = nil }
    }

    /// The alert resolved; nil when nobody has heard of it.
    static func ended(_ alert: Alert, _ at: Timestamp) -> Alert? {
        var alert = alert
        guard alert.state.phase == .firing else { return nil }
        alert.state.end(at: at)
        _ = alert.state.step(at: at, hold: .zero, keepFiring: .zero)
        return alert
    }

    mutating func updateDeadline() {
        nextDeadline = unseen.values.map(\.until).min()
        for rule in rules {
            let unseen = unseenKeys(rule)
            for (key, alert) in alerts[rule.name] ?? [:] where !unseen.contains(key) {
                guard let deadline = alert.state.deadline(hold: rule.holdDuration, keepFiring: rule.keepFiringDuration)
                else { continue }
                nextDeadline = min(nextDeadline ?? deadline, deadline)
            }
        }
    }
}

extension AlertState {
    fileprivate mutating func step(_ rule: Rule, _ at: Timestamp) -> Transition? {
        step(at: at, hold: rule.holdDuration, keepFiring: rule.keepFiringDuration)
    }
}

extension Rule {
    /// Whether an event is of one of the links, namespaces or workloads that the rule is about.
    fileprivate func concerns(_ condition: AlertCondition) -> Bool {
        guard let links else { return true }
        let (subject, kind) = (condition.subject, condition.facts["kind"] ?? "")
        return switch subject.kind {
        case .namespace: links.matches(name: "", kind: "", namespace: subject.name)
        case .owner: links.matches(name: condition.facts["name"] ?? "", kind: kind, namespace: "")
        case .link, .host: links.matches(name: subject.name, kind: kind, namespace: subject.namespace)
        }
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
