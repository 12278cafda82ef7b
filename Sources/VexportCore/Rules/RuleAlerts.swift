/// One rule and its alerts: begins, ends and moves them on.
struct RuleAlerts: Sendable {
    /// What changed, of all rules.
    struct Changes {
        /// Alerts that fired or were resolved.
        var told: [Alert] = []
        /// How often an alert came, went, or went on to another phase.
        var count: UInt64 = 0
        /// Conditions that there was no room for.
        var refused: UInt64 = 0
    }

    struct Entry {
        var alert: Alert
        /// The last round of `set` in which its condition held.
        var round: UInt64
    }

    let rule: Rule
    /// Those that it gives every alert.
    private let labels: [String: String]
    /// Added to every alert that has no such label.
    private let externalLabels: LabelSet
    /// By what they are about.
    private(set) var entries: [AlertSubject: Entry] = [:]
    private var round: UInt64 = 0
    /// Restored alerts that nobody has looked at since. Meanwhile they neither fire nor end.
    private(set) var unseen: Set<AlertSubject> = []
    /// What has not been seen to hold by then is over.
    private var unseenUntil = Timestamp(nanoseconds: 0)
    /// When time alone changes one; nil for never. It may be too early, but not too late.
    private(set) var deadline: Timestamp?

    init(_ rule: Rule, externalLabels: LabelSet) {
        self.rule = rule
        self.externalLabels = externalLabels
        labels = rule.labels.merging(["alertname": rule.name]) { $1 }
    }

    var alerts: some Collection<Alert> { entries.values.lazy.map(\.alert) }

    /// Those of an alert about a subject.
    func labels(of subject: AlertSubject) -> LabelSet {
        externalLabels.merging(subject.labels).merging(labels)
    }

    mutating func evaluate(_ input: RuleInput, at: Timestamp, _ changes: inout Changes) {
        endUnseen(at, &changes)
        switch rule.condition {
        case .finding(let name):
            if let conditions = input.findings[name] { set(conditions, at, &changes) }
        case .threshold:
            if let conditions = input.thresholds[rule.name] { set(conditions, at, &changes) }
        case .event(let event):
            for (happened, condition) in input.events { happen(happened, condition, event, at, &changes) }
        }
        if let deadline, at >= deadline { step(at, &changes) }
    }

    // MARK: - Conditions

    /// These hold, and no others.
    private mutating func set(_ conditions: [AlertCondition], _ at: Timestamp, _ changes: inout Changes) {
        round += 1
        for condition in conditions where rule.concerns(condition) { raise(condition, at, &changes) }
        var place = entries.startIndex
        while place != entries.endIndex {
            if entries.values[place].round != round, !unseen.contains(entries.keys[place]) { end(place, at) }
            entries.formIndex(after: &place)
        }
    }

    private mutating func happen(
        _ happened: RuleEvent, _ condition: AlertCondition, _ event: RuleEvent, _ at: Timestamp,
        _ changes: inout Changes
    ) {
        if happened == event, rule.concerns(condition) {
            raise(condition, at, &changes)
            guard let place = entries.index(forKey: condition.subject) else { return }
            if event.end == nil { end(place, at) }
            // What comes next in the same batch must not hide that it fired.
            if step(place, at, &changes) { entries.remove(at: place) }
        } else if happened == event.end || (happened.isEnd && !event.isEnd) {
            see(condition.subject)
            if let place = entries.index(forKey: condition.subject) { end(place, at) }
        }
    }

    private mutating func raise(_ condition: AlertCondition, _ at: Timestamp, _ changes: inout Changes) {
        if let place = entries.index(forKey: condition.subject) {
            entries.values[place].alert.raise(condition)
            entries.values[place].round = round
            see(condition.subject)
        } else if entries.count < RuleEngine.mostAlerts {
            let alert = Alert(
                labels: labels(of: condition.subject),
                text: .templates(rule.annotations, facts: condition.facts, value: condition.value),
                subject: condition.subject, dependsOn: condition.dependsOn, isRootCause: rule.isRootCause,
                state: AlertState(activeSince: at), value: condition.value)
            entries[condition.subject] = Entry(alert: alert, round: round)
            schedule(alert.state)
            changes.count += 1
        } else {
            changes.refused += 1
        }
    }

    private mutating func end(_ place: Dictionary<AlertSubject, Entry>.Index, _ at: Timestamp) {
        guard entries.values[place].alert.state.isActive else { return }
        entries.values[place].alert.state.end(at: at)
        schedule(entries.values[place].alert.state)
    }

    // MARK: - Time

    /// Moves all on, in place: there can be thousands, most of which stay as they are.
    private mutating func step(_ at: Timestamp, _ changes: inout Changes) {
        deadline = unseen.isEmpty ? nil : unseenUntil
        var over: [AlertSubject] = []
        var place = entries.startIndex
        while place != entries.endIndex {
            if !unseen.contains(entries.keys[place]), step(place, at, &changes) { over.append(entries.keys[place]) }
            entries.formIndex(after: &place)
        }
        for subject in over { entries[subject] = nil }
    }

    /// Moves one alert on.
    ///
    /// - Returns: whether it is over.
    private mutating func step(
        _ place: Dictionary<AlertSubject, Entry>.Index, _ at: Timestamp, _ changes: inout Changes
    ) -> Bool {
        let change = entries.values[place].alert.state.step(
            at: at, hold: rule.holdDuration, keepFiring: rule.keepFiringDuration)
        if change != nil { changes.count += 1 }
        if change == .fired || change == .resolved { changes.told.append(entries.values[place].alert) }
        let isOver = change == .dropped || change == .resolved
        if !isOver { schedule(entries.values[place].alert.state) }
        return isOver
    }

    /// Keeps in mind when to look at an alert again.
    private mutating func schedule(_ state: AlertState) {
        let due = state.deadline(hold: rule.holdDuration, keepFiring: rule.keepFiringDuration)
        if let due { deadline = min(deadline ?? due, due) }
    }
}

// MARK: - Restart and reload

extension RuleAlerts {
    /// Takes back an alert of before.
    ///
    /// - Parameter patience: for how long it waits until its condition holds again or somebody has looked; nil when it
    ///   can't end unseen.
    mutating func restore(_ alert: Alert, patience: Duration?, at: Timestamp) {
        guard entries[alert.subject] == nil else { return }
        entries[alert.subject] = Entry(alert: alert, round: round)
        guard alert.state.isActive, let patience else { return schedule(alert.state) }
        if unseen.isEmpty { unseenUntil = at + patience }
        unseen.insert(alert.subject)
        deadline = min(deadline ?? unseenUntil, unseenUntil)
    }

    /// Takes in a look at what an alert is about.
    mutating func take(_ review: AlertReview, at: Timestamp, _ changes: inout Changes) {
        let wasUnseen = see(review.alert.subject)
        if !review.holds { end(review.alert.subject, wasUnseen: wasUnseen, at, &changes) }
    }

    /// Takes the alerts of this rule as it was before. Those go on whose labels are still the same.
    mutating func take(over old: RuleAlerts, at: Timestamp, _ changes: inout Changes) {
        (round, unseen, unseenUntil) = (old.round, old.unseen, old.unseenUntil)
        for (subject, entry) in old.entries {
            if labels(of: subject) == entry.alert.labels {
                entries[subject] = entry
            } else {
                unseen.remove(subject)
                changes.end(entry.alert, at)
            }
        }
        // It may take another time to fire, or to end.
        if !entries.isEmpty { deadline = at }
    }

    /// Ends what nobody has seen again in all the time that there was.
    private mutating func endUnseen(_ at: Timestamp, _ changes: inout Changes) {
        guard !unseen.isEmpty, at >= unseenUntil else { return }
        for subject in unseen { end(subject, wasUnseen: true, at, &changes) }
        unseen = []
    }

    private mutating func end(
        _ subject: AlertSubject, wasUnseen: Bool, _ at: Timestamp, _ changes: inout Changes
    ) {
        guard let place = entries.index(forKey: subject) else { return }
        if wasUnseen, entries.values[place].alert.state.phase == .pending {
            // Nobody saw it hold for as long as the rule asks.
            entries.remove(at: place)
            changes.count += 1
        } else {
            end(place, at)
        }
    }

    /// - Returns: whether it waited to be seen.
    @discardableResult
    private mutating func see(_ subject: AlertSubject) -> Bool {
        guard !unseen.isEmpty, unseen.remove(subject) != nil else { return false }
        if let alert = entries[subject]?.alert { schedule(alert.state) }
        return true
    }
}

extension RuleAlerts.Changes {
    /// An alert that no rule makes any more.
    mutating func end(_ alert: Alert, _ at: Timestamp) {
        count += 1
        // Nobody has heard of what is pending.
        guard alert.state.phase == .firing else { return }
        var alert = alert
        alert.state.end(at: at)
        _ = alert.state.step(at: at, hold: .zero, keepFiring: .zero)
        told.append(alert)
    }
}

extension Rule {
    /// Whether a condition is of one of the links, namespaces or workloads that the rule is about.
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
