/// A time in which nothing is told of some alerts.
public struct Silence: Codable, Equatable, Sendable {
    public let id: String
    /// All of them must match.
    public var matchers: [LabelMatcher]
    public var startsAt: Timestamp
    public var endsAt: Timestamp
    public var comment: String
    public var createdBy: String

    public init(
        id: String, matchers: [LabelMatcher], startsAt: Timestamp, endsAt: Timestamp, comment: String, createdBy: String
    ) {
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.comment = comment
        self.createdBy = createdBy
    }

    public func covers(_ labels: LabelSet, at: Timestamp) -> Bool {
        startsAt <= at && at < endsAt && matchers.allSatisfy { $0.matches(labels) }
    }
}

/// All silences that have not ended.
public struct Silences: Codable, Equatable, Sendable {
    /// At most.
    public static let most = 1_000

    public private(set) var all: [Silence] = []

    public init() {}

    /// - Returns: false when there are too many.
    public mutating func add(_ silence: Silence) -> Bool {
        guard all.count < Self.most else { return false }
        all.append(silence)
        return true
    }

    /// - Returns: false when there is none of this id.
    public mutating func expire(_ id: String) -> Bool {
        let count = all.count
        all.removeAll { $0.id == id }
        return all.count < count
    }

    public mutating func removeEnded(at: Timestamp) { all.removeAll { $0.endsAt <= at } }

    public func cover(_ labels: LabelSet, at: Timestamp) -> Bool { all.contains { $0.covers(labels, at: at) } }
}
