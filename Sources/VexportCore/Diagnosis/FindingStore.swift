import Synchronization

/// The findings as they are now, for anybody to read at any time.
public final class FindingStore: Sendable {
    private struct Published {
        var findings: [Finding] = []
        var flaps: [FlapReport] = []
        var damping = FlapDamping()
    }

    private let published = Mutex(Published())

    public var latest: [Finding] { published.withLock { $0.findings } }

    /// - Parameter damping: what the flaps are judged by.
    func publish(_ findings: [Finding], _ flaps: [FlapReport], _ damping: FlapDamping) {
        published.withLock { $0 = Published(findings: findings, flaps: flaps, damping: damping) }
    }
}

extension FindingStore: MetricSource {
    public func collect(into sink: inout SampleSink) {
        let (findings, flaps, damping) = published.withLock { ($0.findings, $0.flaps, $0.damping) }
        for finding in findings {
            let labels = [
                Label("class", finding.kind.rawValue), Label("device", finding.device),
                Label("netns", finding.namespace), Label("severity", finding.severity.rawValue),
            ]
            sink.add(FindingMetrics.finding, labels.compactMap(\.self), 1)
        }
        for kind in FindingKind.allCases {
            let count = findings.count { $0.kind == kind }
            sink.add(FindingMetrics.findings, [Label("class", kind.rawValue)], Double(count))
        }
        let now = ContinuousClock.now
        let rows: [(Metric, (LinkFlaps) -> Double)] = [
            (FindingMetrics.penalty, { $0.penalty(at: now, damping) }),
            (FindingMetrics.flaps, { Double($0.raw) }), (FindingMetrics.damped, { Double($0.damped) }),
        ]
        for (metric, value) in rows {
            for report in flaps {
                let labels = [Label("device", report.device), Label("netns", report.namespace)]
                sink.add(metric, labels.compactMap(\.self), value(report.flaps))
            }
        }
    }
}

/// The findings' rows of the catalogue.
public enum FindingMetrics {
    static let finding = Metric(
        .gauge, "vexport_finding", "1 while something is wrong with a link; docs/findings.md explains the classes.",
        source: "VexportCore", labels: ["class", "device", "netns", "severity"])
    static let findings = Metric(
        .gauge, "vexport_findings", "How many links have a finding of the class now.", source: "VexportCore",
        labels: ["class"])
    static let penalty = Metric(
        .gauge, "vexport_link_flap_penalty",
        "Flap damping's penalty of a link that has flapped: it grows with each flap and halves in the half-life.",
        source: "IFLA_CARRIER_DOWN_COUNT", labels: ["device", "netns"])
    static let flaps = Metric(
        .counter, "vexport_link_flaps_total",
        "Losses of carrier while both ends of the link were up, of links that have flapped.",
        source: "IFLA_CARRIER_DOWN_COUNT", labels: ["device", "netns"])
    static let damped = Metric(
        .counter, "vexport_link_flaps_damped_total",
        "Those of the link's flaps that came while it was held for flapping.", source: "IFLA_CARRIER_DOWN_COUNT",
        labels: ["device", "netns"])

    /// All of them.
    public static let all = [finding, findings, penalty, flaps, damped]
}
