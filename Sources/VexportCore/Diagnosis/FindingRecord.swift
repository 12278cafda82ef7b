/// A finding as the API, snapshots and `vexport explain` give it.
public struct FindingRecord: Codable, Equatable, Sendable {
    public let kind: FindingKind
    public let device: EscapedText
    /// Its namespace's label; nil for vexport's own.
    public let namespace: EscapedText?
    public let severity: FindingSeverity
    public let reason: EscapedText
    public let evidence: [Evidence]
    /// What a person could run.
    public let command: EscapedText?
    /// Seconds since the epoch; nil where nobody watched.
    public let since: Double?
    /// Who is at the link's far end.
    public let workload: WorkloadRecord?
    /// From plugins, of its link; nil for none.
    public let labels: [String: EscapedText]?

    enum CodingKeys: String, CodingKey {
        case device, severity, reason, evidence, command, workload, labels
        case kind = "class"
        case namespace = "netns"
        case since = "since_seconds"
    }

    /// - Parameter isWatched: false after a single look, which can't tell since when anything holds.
    public init(_ finding: Finding, isWatched: Bool = true) {
        kind = finding.kind
        device = finding.device
        namespace = finding.namespace
        severity = finding.severity
        reason = EscapedText(escaped: finding.reason)
        evidence = finding.evidence
        command = finding.command.map { EscapedText(escaped: $0) }
        workload = finding.workload.map(WorkloadRecord.init)
        since = isWatched ? finding.since?.seconds : nil
        labels = finding.labels.isEmpty ? nil : Label.texts(finding.labels)
    }

    /// `eth0 in namespace blue`.
    public var subject: String { namespace.map { "\(device) in namespace \($0)" } ?? device.description }
}
