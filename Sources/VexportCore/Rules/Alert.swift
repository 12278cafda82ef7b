/// One rule's alert about one subject.
public struct Alert: Equatable, Codable, Sendable {
    /// All of them: the rule's, the subject's, external ones and `alertname`. They tell alerts apart.
    public let labels: LabelSet
    public internal(set) var annotations: [String: String]
    public let subject: AlertSubject
    /// Of the labels, those that its condition brought.
    let conditionLabels: [String: String]
    public internal(set) var dependsOn: [AlertSubject]
    public let isRootCause: Bool
    public internal(set) var state: AlertState
    /// Of a threshold, when last looked at.
    public internal(set) var value: Double?

    /// Its condition holds (again).
    mutating func raise(_ condition: AlertCondition) {
        state.raise()
        value = condition.value
        dependsOn = condition.dependsOn
    }

    public var name: String { labels["alertname"] ?? "" }
}
