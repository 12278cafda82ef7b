/// A diagnosed condition of a link: what is wrong, how that is known, and what a person could do.
public struct Finding: Equatable, Sendable {
    public let kind: FindingKind
    public let link: LinkIdentity
    /// Where the link is.
    public let place: LinkPlace
    public let device: EscapedText
    /// Its namespace's label; nil for vexport's own.
    public let namespace: EscapedText?
    public let severity: FindingSeverity
    /// One sentence without the link's name.
    public let reason: String
    public let evidence: [Evidence]
    /// What a person could run; vexport never does.
    public let command: String?
    /// When the condition was first seen; nil where nobody watched.
    public let since: Timestamp?
    /// Who is at the link's far end; nil when that is not known.
    public var workload: Workload?
    /// From outside, of its link. See `Enrichment`.
    public internal(set) var labels: [Label] = []
}

/// How much a finding matters.
public enum FindingSeverity: String, Codable, CaseIterable, Comparable, Sendable {
    /// Worth knowing, perhaps meant so. Nobody need be called.
    case info
    /// Something does not work, or is left over.
    case warning

    public static func < (left: FindingSeverity, right: FindingSeverity) -> Bool { left == .info && right == .warning }
}

/// One fact that a finding rests on.
public struct Evidence: Codable, Equatable, Sendable {
    public let fact: String
    /// The kernel attribute, file or table that says so.
    public let source: String

    public init(_ fact: String, _ source: String) {
        self.fact = fact
        self.source = source
    }

    /// A snapshot may come from anywhere.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        fact = try container.decode(EscapedText.self, forKey: .fact).description
        source = try container.decode(EscapedText.self, forKey: .source).description
    }
}
