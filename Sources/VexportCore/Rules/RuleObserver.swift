/// What was observed since the last time.
public struct Observation: Sendable {
    /// What happened to links, in order.
    public var events: [LinkEvent] = []
    /// Events were left out.
    public var hasLost = false
    /// The last scheduled tick.
    public var frame: TickFrame?
    /// All findings there are; nil when they are as they were.
    public var findings: [Finding]?

    public init() {}
}

/// Makes of what is observed what rules are told. A plain value, but for the directory of links that it keeps.
public struct RuleObserver {
    private var scan: ThresholdScan
    private var history: FrameHistory
    private let recorded: LinkHistory?
    private var frameLinks: FrameLinks?
    private var links = LinkDirectory(nil)
    /// Of before the links last changed.
    private var earlierLinks: LinkDirectory?
    /// nil while no rule is about workloads.
    private var workloads: WorkloadWatch?
    private var lastFrame: TickFrame?
    private var lastFindings: [Finding]?
    /// Alerts on events may have ended unseen: after a start, and when events were lost.
    private var mustReview = true
    /// When all namespaces have been found after the start.
    private let settledAt: Timestamp

    /// - Parameters:
    ///   - history: has what was before the start.
    ///   - at: when vexport began to watch.
    public init(rules: [Rule], history recorded: LinkHistory? = nil, at: Timestamp) {
        scan = ThresholdScan(rules: rules)
        history = FrameHistory(rules: rules)
        self.recorded = recorded
        settledAt = at + RuleEngine.overview
    }

    /// Takes other rules.
    ///
    /// - Returns: what is known already, for them.
    public mutating func setRules(_ rules: [Rule]) -> Observation {
        scan = ThresholdScan(rules: rules)
        history.setRules(rules)
        if !rules.contains(where: { $0.subject == .owner }) { workloads = nil }
        var known = Observation()
        (known.frame, known.findings) = (lastFrame, lastFindings)
        return known
    }

    /// Alerts were restored, which may have ended since.
    public mutating func reviewAll() { mustReview = true }

    /// - Parameter engine: whose alerts are looked at again where nothing tells of their end.
    public mutating func take(_ observation: Observation, for engine: RuleEngine, at: Timestamp) -> RuleInput {
        var input = RuleInput()
        if let frame = observation.frame, frameLinks !== frame.links {
            let isSettled = at >= settledAt
            (frameLinks, earlierLinks, links) = (frame.links, links, LinkDirectory(frame.links, after: links))
            if let earlierLinks, engine.rules.contains(where: { $0.subject == .namespace }) {
                input.events += links.namespaceEvents(since: earlierLinks, tellsOfNew: isSettled)
            }
            // While namespaces are still being found, links show up that were there all along.
            if !isSettled { mustReview = true }
        }
        if let frame = observation.frame, engine.rules.contains(where: { $0.subject == .owner }) {
            workloads = workloads ?? WorkloadWatch()
            input.events += workloads!.take(frame, tellsOfNew: at >= settledAt)
        }
        if let findings = observation.findings {
            input.findings = links.conditions(for: findings)
            lastFindings = findings
        }
        // Under its old namespace nothing ends any more what was told of a link that moved.
        if observation.hasLost || observation.events.contains(where: \.isMove) { mustReview = true }
        for event in observation.events { input.events += links.conditions(for: event, earlier: earlierLinks) }
        if let frame = observation.frame {
            if let recorded { history.recall(from: recorded, before: frame) }
            input.reviews = reviews(frame, engine)
            input.thresholds = scan.scan(frame, history: history, directory: links)
            history.add(frame)
            lastFrame = frame
        }
        return input
    }

    /// Looks whether what fires holds still, where nothing may have told of its end.
    private mutating func reviews(_ frame: TickFrame, _ engine: RuleEngine) -> [AlertReview] {
        var reviews: [AlertReview] = []
        for (rule, alerts) in engine.unseenAlerts {
            guard case .threshold = rule.condition else { continue }
            let look = scan.look(rule.name, in: frame, history: history)
            for alert in alerts {
                guard let record = links.record(of: alert.subject), let holds = look(record) else { continue }
                reviews.append(AlertReview(alert, holds: holds))
            }
        }
        guard mustReview else { return reviews }
        mustReview = false
        for rule in engine.rules {
            guard case .event(let event) = rule.condition, event.end != nil else { continue }
            for alert in engine.alerts(of: rule) where alert.state.isActive {
                // Who is there has not stopped.
                let isBack = workloads?.knows(alert.subject) == true
                if let holds = isBack ? false : links.holds(event, alert.subject) {
                    reviews.append(AlertReview(alert, holds: holds))
                } else if !event.isEnd, !engine.isUnseen(alert) {
                    reviews.append(AlertReview(alert, holds: false))
                }
            }
        }
        return reviews
    }
}

extension LinkEvent {
    fileprivate var isMove: Bool { if case .moved = kind { true } else { false } }
}
