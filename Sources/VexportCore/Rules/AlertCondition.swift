/// What an alert is about.
public struct AlertSubject: Hashable, Codable, Sendable {
    public enum Kind: String, Codable, Sendable {
        case link, namespace, owner, host
    }

    public var kind: Kind
    public var name: String
    /// Of a link: its namespace's label, empty for the own one.
    public var namespace: String

    public init(_ kind: Kind, _ name: String, namespace: String = "") {
        self.kind = kind
        self.name = name
        self.namespace = namespace
    }

    /// The labels that name it.
    public var labels: KeyValuePairs<String, String> {
        switch kind {
        case .link: ["device": name, "netns": namespace]
        case .namespace: ["netns": name]
        case .owner: ["owner": name]
        case .host: [:]
        }
    }
}

/// Something that holds, or just happened, with a subject: what rules make alerts of.
public struct AlertCondition: Equatable, Sendable {
    public var subject: AlertSubject
    /// What it hangs on: the bridge it is a port of, its namespace, its owner. While one of these is down, so is this.
    public var dependsOn: [AlertSubject]
    /// Of a threshold.
    public var value: Double?
    /// What is known, for annotations' templates: `reason`, `evidence`, `remedy`, and whatever the finding has.
    public var facts: [String: String]

    public init(
        _ subject: AlertSubject, dependsOn: [AlertSubject] = [], value: Double? = nil, facts: [String: String] = [:]
    ) {
        self.subject = subject
        self.dependsOn = dependsOn
        self.value = value
        self.facts = facts
    }
}

/// A look at what an alert is about, where no event told: after a restart, and when events were lost.
public struct AlertReview: Sendable {
    public var alert: Alert
    /// Whether its condition holds.
    public var holds: Bool

    public init(_ alert: Alert, holds: Bool) {
        self.alert = alert
        self.holds = holds
    }
}

/// What an evaluation of the rules is told.
public struct RuleInput: Sendable {
    /// All that holds now, by the class of finding. A class that is missing here is as it was.
    public var findings: [String: [AlertCondition]] = [:]
    /// The links beyond each threshold rule's bound, by the rule's name. A rule that is missing here is as it was.
    public var thresholds: [String: [AlertCondition]] = [:]
    /// What happened to links, in order.
    public var events: [(event: RuleEvent, condition: AlertCondition)] = []
    /// Taken in before all else.
    public var reviews: [AlertReview] = []

    public init() {}

    public var isEmpty: Bool { findings.isEmpty && thresholds.isEmpty && events.isEmpty && reviews.isEmpty }
}
