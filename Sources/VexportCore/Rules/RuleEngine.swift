/// All rules and their alerts: takes in what was found, and says which alerts changed.
///
/// A plain value. An evaluation costs nothing when nothing changed and no time is up, and else by the conditions given.
public struct RuleEngine: Sendable {
    /// Alerts of one rule, at most: what is beyond it is counted, not kept.
    public static let mostAlerts = 20_000

    /// In the rules' order.
    private var all: [RuleAlerts] = []
    /// Where in `all`, by the rule's name.
    private var positions: [String: Int] = [:]
    /// Conditions that there was no room for.
    public private(set) var refused: UInt64 = 0
    /// How often an alert came, went, or went on to another phase: to know when to save.
    public private(set) var changes: UInt64 = 0

    /// - Parameter externalLabels: added to every alert, unless it has the label. Source: `external_labels`, and
    ///   `instance`.
    public init(rules: [Rule], externalLabels: [String: String]) {
        _ = setRules(rules, externalLabels: externalLabels, at: Timestamp(nanoseconds: 0))
    }

    public var rules: [Rule] { all.map(\.rule) }

    /// All that are pending or firing.
    public var active: [Alert] { all.flatMap(\.alerts) }

    /// Those of one rule.
    public func alerts(of rule: Rule) -> [Alert] { positions[rule.name].map { Array(all[$0].alerts) } ?? [] }

    /// Those that are firing.
    public var firing: [Alert] { active.filter { $0.state.phase == .firing } }

    /// When `evaluate` has something to do even without input; nil for never.
    public var deadline: Timestamp? { all.lazy.compactMap(\.deadline).min() }

    /// Moves all alerts on.
    ///
    /// - Returns: those that fired or were resolved.
    public mutating func evaluate(_ input: RuleInput, at: Timestamp) -> [Alert] {
        guard !input.isEmpty || deadline.map({ at >= $0 }) == true else { return [] }
        var changes = RuleAlerts.Changes()
        for review in input.reviews {
            if let position = positions[review.alert.name] { all[position].take(review, at: at, &changes) }
        }
        for position in all.indices { all[position].evaluate(input, at: at, &changes) }
        return count(changes)
    }

    /// Takes other rules. Alerts go on whose rule makes them still, with the same labels; the others are resolved.
    ///
    /// - Returns: those that were resolved.
    public mutating func setRules(_ rules: [Rule], externalLabels: [String: String], at: Timestamp) -> [Alert] {
        var changes = RuleAlerts.Changes()
        let old = all
        let external = LabelSet(externalLabels)
        all = rules.map { RuleAlerts($0, externalLabels: external) }
        positions = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1.name, $0) })
        for group in old {
            if let position = positions[group.rule.name] {
                all[position].take(over: group, at: at, &changes)
            } else {
                for alert in group.alerts { changes.end(alert, at) }
            }
        }
        return count(changes)
    }

    private mutating func count(_ changes: RuleAlerts.Changes) -> [Alert] {
        self.changes += changes.count
        refused += changes.refused
        return changes.told
    }
}

/// What a restart leaves open: whether what fired before holds still.
extension RuleEngine {
    /// Within which all namespaces have been found after a start, and their links and counters read.
    public static let overview = Duration.seconds(60)

    /// Takes back alerts of before a restart. Each waits until its condition holds again or an `AlertReview` says that it
    /// was looked at, for as long as that may take.
    ///
    /// - Parameter damping: how long links are held for flapping.
    /// - Returns: those that no rule makes any more, resolved.
    public mutating func restore(_ saved: [Alert], damping: FlapDamping = FlapDamping(), at: Timestamp) -> [Alert] {
        var changes = RuleAlerts.Changes()
        for alert in saved {
            if let position = positions[alert.name], all[position].labels(of: alert.subject) == alert.labels {
                all[position].restore(alert, patience: all[position].rule.condition.patience(damping), at: at)
            } else {
                changes.end(alert, at)
            }
        }
        return count(changes)
    }

    /// The restored alerts that wait to be looked at, by their rules.
    public var unseenAlerts: [(rule: Rule, alerts: [Alert])] {
        all.filter { !$0.unseen.isEmpty }.map { group in
            (group.rule, group.unseen.compactMap { group.entries[$0]?.alert })
        }
    }

    /// Whether it was restored and waits to be looked at.
    public func isUnseen(_ alert: Alert) -> Bool {
        positions[alert.name].map { all[$0].unseen.contains(alert.subject) } ?? false
    }
}

extension Rule.Condition {
    /// How long after a start it may take to see that this holds still; nil where it can't end unseen.
    fileprivate func patience(_ damping: FlapDamping) -> Duration? {
        switch self {
        case .event(let event): event.end == nil || event.isEnd ? nil : RuleEngine.overview
        case .threshold(let threshold): RuleEngine.overview + (threshold.window ?? .zero)
        case .finding(FindingKind.linkFlapping.rawValue):
            // The penalty begins anew. That of before would have faded by then.
            max(RuleEngine.overview, damping.fading(from: damping.highest))
        case .finding: RuleEngine.overview + Diagnosis.longestWait
        }
    }
}
