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
        let owner = dependsOn.first { $0.kind == .owner }
        dependsOn = condition.dependsOn
        // A restart forgets who was at the far end of a link before its owner went.
        if let owner, !dependsOn.contains(where: { $0.kind == .owner }) { dependsOn.append(owner) }
    }

    public var name: String { labels["alertname"] ?? "" }
}
