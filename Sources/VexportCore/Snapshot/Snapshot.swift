/// All that vexport knows of a host's links at one moment, for people, files and other tools.
///
/// Its JSON is described in docs/snapshot.md, and is a contract: names and meanings stay, and what is new comes under new
/// names, which older readers pass over. Only a change that would mislead them raises `version`.
public struct Snapshot: Equatable, Sendable {
    /// The version of the format that this vexport writes, and the highest that it reads.
    public static let version = 1

    /// Source: gethostname(2).
    public var host: EscapedText
    /// The program that made it, with its version: `vexport 0.1.0`.
    public var madeBy: EscapedText
    /// Whether a daemon made it, and not a command that read the kernel by itself.
    public var isFromDaemon: Bool
    /// When the counters were read.
    public var time: Timestamp
    /// The time that rates are over, in seconds; nil where there are none.
    public var rateInterval: Double?
    /// When bridges and ports were last asked for what neither messages nor counters tell; nil when they were not.
    public var bridgesTime: Timestamp?
    /// What is wrong; nil where nobody judged.
    public var findings: [FindingRecord]?
    /// By interface index.
    public var links: [Link]

    public init(
        host: EscapedText, madeBy: EscapedText, isFromDaemon: Bool, time: Timestamp, rateInterval: Double? = nil,
        bridgesTime: Timestamp? = nil, findings: [FindingRecord]? = nil, links: [Link]
    ) {
        self.host = host
        self.madeBy = madeBy
        self.isFromDaemon = isFromDaemon
        self.time = time
        self.rateInterval = rateInterval
        self.bridgesTime = bridgesTime
        self.findings = findings
        self.links = links
    }
}

extension Snapshot: Decodable {
    private enum CodingKeys: CodingKey {
        case links
    }

    /// - Throws: `SnapshotError` for what is no snapshot of a version known here, `DecodingError` for what is none at all.
    public init(from decoder: any Decoder) throws {
        let format = try Format(from: decoder)
        guard format.format == Head.format else { throw SnapshotError.notASnapshot }
        guard (1...Self.version).contains(format.version) else { throw SnapshotError.unknownVersion(format.version) }
        let head = try Head(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            host: head.host, madeBy: head.madeBy, isFromDaemon: head.isFromDaemon, time: try head.readTime(),
            rateInterval: head.rateInterval, bridgesTime: head.bridgesTime.flatMap { Timestamp(seconds: $0) },
            findings: head.findings,
            links: try container.decode([Link].self, forKey: .links))
    }

    /// What says whether the rest can be read.
    private struct Format: Decodable {
        let format: String
        let version: Int
    }

    /// All but the links, as it is in JSON.
    struct Head: Codable {
        static let format = "vexport snapshot"

        let format: String
        let version: Int
        let madeBy: EscapedText
        let host: EscapedText
        let isFromDaemon: Bool
        let time: Double
        let rateInterval: Double?
        let bridgesTime: Double?
        let findings: [FindingRecord]?

        enum CodingKeys: String, CodingKey {
            case format, version, host, findings
            case madeBy = "made_by"
            case isFromDaemon = "from_daemon"
            case time = "timestamp_seconds"
            case rateInterval = "rate_interval_seconds"
            case bridgesTime = "bridges_timestamp_seconds"
        }

        init(_ snapshot: Snapshot) {
            format = Self.format
            version = Snapshot.version
            madeBy = snapshot.madeBy
            host = snapshot.host
            isFromDaemon = snapshot.isFromDaemon
            time = snapshot.time.seconds
            rateInterval = snapshot.rateInterval
            bridgesTime = snapshot.bridgesTime?.seconds
            findings = snapshot.findings
        }

        func readTime() throws -> Timestamp {
            if let time = Timestamp(seconds: time) { return time }
            throw DecodingError.dataCorrupted(
                .init(codingPath: [CodingKeys.time], debugDescription: "\(time) is not a time that vexport can show"))
        }
    }
}

/// Text in a snapshot is escaped already, or should be: a snapshot may come from anywhere.
extension EscapedText: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(escaped: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
