/// The rules that hold without a configuration: one for every class of finding, and one for
/// bridges that are set down. A rule of the configuration with the
/// same name takes the place of one, or switches it off.
public enum BuiltInRules {
    private struct Row {
        let alert: String
        let finding: String
        let summary: String
    }

    private static let rows: [Row] = [
        Row(
            alert: "VethPeerDown", finding: "veth_peer_down",
            summary: "The other end of the veth is down"),
        Row(
            alert: "VethAbandoned", finding: "veth_peer_abandoned",
            summary: "The veth leads into a namespace that nothing uses"),
        Row(
            alert: "VethUnplumbed", finding: "veth_unplumbed",
            summary: "An end of the veth leads nowhere"),
        Row(
            alert: "VethDeadPort", finding: "veth_dead_port",
            summary: "The bridge sends frames to a port that nobody reads"),
        Row(
            alert: "TapWithoutReader", finding: "tap_without_reader",
            summary: "Nobody reads from the tap: its virtual machine is gone"),
        Row(
            alert: "OVSPortStale", finding: "ovs_port_stale",
            summary: "Open vSwitch has a port for a device that is not there"),
        Row(
            alert: "LinkFlapping", finding: "link_flapping",
            summary: "The carrier goes up and down over and over"),
        Row(
            alert: "BridgePortBlocked", finding: "bridge_port_blocked",
            summary: "The bridge forwards nothing on this port"),
        Row(
            alert: "MTUMismatch", finding: "mtu_mismatch",
            summary: "A link on the path takes smaller packets than the workload sends"),
        Row(
            alert: "MACDuplicate", finding: "mac_duplicate",
            summary: "Two workloads of one network have the same MAC address"),
    ]

    public static let all =
        rows.map { row in
            Rule(
                row.alert, .finding(row.finding), labels: ["severity": "warning"],
                annotations: [
                    "summary": AlertTemplate(own: row.summary), "reason": AlertTemplate(own: "{{reason}}"),
                    "evidence": AlertTemplate(own: "{{evidence}}"), "remedy": AlertTemplate(own: "{{remedy}}"),
                ])
        } + [bridgeDown]

    /// The classes of findings that rules can be about.
    public static let findings = rows.map(\.finding)

    /// What holds back the alerts of a bridge's ports.
    private static let bridgeDown: Rule = {
        var rule = Rule(
            "BridgeDown", .event(.adminDown), labels: ["severity": "critical"],
            annotations: ["summary": AlertTemplate(own: "The bridge was set down")], isRootCause: true)
        rule.links = LinkPattern()
        rule.links?.kind = LinkKind.bridge.name
        return rule
    }()

    /// What a rule of the configuration says that has no annotations of its own.
    public static func annotations(for condition: Rule.Condition) -> [String: AlertTemplate] {
        switch condition {
        case .finding(let name):
            return all.first { $0.condition == .finding(name) }?.annotations ?? [
                "summary": AlertTemplate(own: "{{reason}}"), "evidence": AlertTemplate(own: "{{evidence}}"),
            ]
        case .event(let event):
            let text = event.rawValue.split(separator: "_").joined(separator: " ")
            return ["summary": AlertTemplate(own: "{{device}}: \(text)")]
        case .threshold(let threshold):
            let (unit, bound) =
                switch (threshold.reading, threshold.bound) {
                case (.value, .above(let bound)): ("", "above \(bound.shortText)")
                case (.value, .below(let bound)): ("", "below \(bound.shortText)")
                case (.rate, .above(let bound)): (" a second", "above \(bound.shortText)")
                case (.rate, .below(let bound)): (" a second", "below \(bound.shortText)")
                }
            return ["summary": AlertTemplate(own: "\(threshold.metric) is {{value}}\(unit), \(bound)")]
        }
    }
}
