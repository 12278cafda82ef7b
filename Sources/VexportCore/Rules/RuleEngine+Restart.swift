/// What a restart leaves open: whether what fired before holds still.
extension RuleEngine {
    /// Within which all namespaces have been found after a start, and their links and counters read.
    public static let overview = Duration.seconds(60)

    /// A rule's alerts of before a restart that nobody has looked at since. Meanwhile they neither fire nor end.
    struct Unseen: Sendable {
        var keys: Set<Key> = []
        /// What has not been seen to hold by then is over.
        var until: Timestamp
    }

    /// Takes back alerts of before a restart. Each waits until its condition holds again or an `AlertReview` says that it
    /// was looked at, for as long as that may take.
    ///
    /// - Parameter damping: how long links are held for flapping.
    /// - Returns: those that no rule makes any more, resolved.
    public mutating func restore(_ saved: [Alert], damping: FlapDamping = FlapDamping(), at: Timestamp) -> [Alert] {
        var ended: [Alert] = []
        for alert in saved {
            guard let rule = rules.first(where: { $0.name == alert.name }), labels(of: alert, rule) == alert.labels
            else {
                ended += [Self.ended(alert, at)].compactMap(\.self)
                continue
            }
            let key = Key(alert.subject, alert.conditionLabels, rule)
            guard alerts[rule.name]?[key] == nil else { continue }
            alerts[rule.name, default: [:]][key] = alert
            guard alert.state.isActive, let patience = rule.condition.patience(damping) else { continue }
            unseen[rule.name, default: Unseen(until: at + patience)].keys.insert(key)
        }
        updateDeadline()
        return ended
    }

    /// The restored alerts that wait to be looked at, by their rules.
    public var unseenAlerts: [(rule: Rule, alerts: [Alert])] {
        guard !unseen.isEmpty else { return [] }
        return rules.compactMap { rule in
            let waiting = unseenKeys(rule).compactMap { alerts[rule.name]?[$0] }
            return waiting.isEmpty ? nil : (rule, waiting)
        }
    }

    /// Whether it was restored and waits to be looked at.
    public func isUnseen(_ alert: Alert) -> Bool {
        guard let rule = rules.first(where: { $0.name == alert.name }) else { return false }
        return isUnseen(Key(alert.subject, alert.conditionLabels, rule), rule)
    }

    /// Takes in a look at what an alert is about.
    mutating func take(_ review: AlertReview, at: Timestamp) {
        let name = review.alert.name
        guard let rule = rules.first(where: { $0.name == name }) else { return }
        let key = Key(review.alert.subject, review.alert.conditionLabels, rule)
        let wasUnseen = unseen[name]?.keys.remove(key) != nil
        if !review.holds { end(key, of: name, wasUnseen: wasUnseen, at: at) }
    }

    func isUnseen(_ key: Key, _ rule: Rule) -> Bool { unseenKeys(rule).contains(key) }

    func unseenKeys(_ rule: Rule) -> Set<Key> { unseen[rule.name]?.keys ?? [] }

    /// Ends what nobody has seen again in all the time that there was.
    mutating func endUnseen(at: Timestamp) {
        for (name, waiting) in unseen where waiting.until <= at || waiting.keys.isEmpty {
            for key in waiting.keys { end(key, of: name, wasUnseen: true, at: at) }
            unseen[name] = nil
        }
    }

    private mutating func end(_ key: Key, of name: String, wasUnseen: Bool, at: Timestamp) {
        guard let alert = alerts[name]?[key] else { return }
        if wasUnseen, alert.state.phase == .pending {
            // Nobody saw it hold for as long as the rule asks.
            remove(key, of: name)
        } else {
            alerts[name]![key]!.state.end(at: at)
        }
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
