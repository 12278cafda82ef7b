/// One rule's alert about one subject.
public struct Alert: Equatable, Sendable {
    /// All of them: the rule's, the subject's, external ones and `alertname`. They tell alerts apart.
    public let labels: LabelSet
    let text: AlertText
    public let subject: AlertSubject
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

    /// What it says. O(n): it is put into words here.
    public var annotations: [String: String] { text.annotations(labels) }
}

/// What an alert says: known when it begins, and put into words only when it is told. In a storm most alerts are over or
/// held back before that.
enum AlertText: Equatable, Sendable {
    case written([String: String])
    /// With the value that it began with.
    case templates([String: AlertTemplate], facts: [String: String], value: Double?)

    func annotations(_ labels: LabelSet) -> [String: String] {
        switch self {
        case .written(let annotations): annotations
        case .templates(let templates, let facts, let value):
            templates.mapValues { template in
                template.render { name in
                    name == "value" ? value?.shortText : facts[name] ?? labels[name]
                }
            }.filter { !$0.value.isEmpty }
        }
    }
}

extension Alert: Codable {
    private enum CodingKeys: CodingKey {
        case labels, annotations, subject, dependsOn, isRootCause, state, value
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        labels = try values.decode(LabelSet.self, forKey: .labels)
        text = .written(try values.decode([String: String].self, forKey: .annotations))
        subject = try values.decode(AlertSubject.self, forKey: .subject)
        dependsOn = try values.decode([AlertSubject].self, forKey: .dependsOn)
        isRootCause = try values.decode(Bool.self, forKey: .isRootCause)
        state = try values.decode(AlertState.self, forKey: .state)
        value = try values.decodeIfPresent(Double.self, forKey: .value)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(labels, forKey: .labels)
        try values.encode(annotations, forKey: .annotations)
        try values.encode(subject, forKey: .subject)
        try values.encode(dependsOn, forKey: .dependsOn)
        try values.encode(isRootCause, forKey: .isRootCause)
        try values.encode(state, forKey: .state)
        try values.encodeIfPresent(value, forKey: .value)
    }
}
