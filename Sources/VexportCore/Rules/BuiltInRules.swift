/// The rules that hold without a configuration: one for every class of findings, and one for bridges that are set down. A
/// rule of the configuration with the same name changes one, or switches it off.
public enum BuiltInRules {
    public static let all = FindingKind.allCases.map(rule) + [bridgeDown]

    private static func rule(_ kind: FindingKind) -> Rule {
        let (alert, summary) = words(kind)
        return Rule(
            alert, .finding(kind.rawValue), labels: ["severity": "warning"],
            annotations: [
                "summary": AlertTemplate(own: summary), "reason": AlertTemplate(own: "{{reason}}"),
                "evidence": AlertTemplate(own: "{{evidence}}"), "remedy": AlertTemplate(own: "{{remedy}}"),
                "owner": owner,
            ])
    }

    /// Whose link it is.
    private static let owner = AlertTemplate(own: "{{workload}}")

    private static func words(_ kind: FindingKind) -> (alert: String, summary: String) {
        switch kind {
        case .vethPeerDown: ("VethPeerDown", "The other end of the veth is down")
        case .vethPeerAbandoned: ("VethAbandoned", "The veth leads into a namespace that nothing uses")
        case .vethUnplumbed: ("VethUnplumbed", "An end of the veth leads nowhere")
        case .vethDeadPort: ("VethDeadPort", "The bridge sends frames to a port that nobody reads")
        case .tapWithoutReader: ("TapWithoutReader", "Nobody reads from the tap: its virtual machine is gone")
        case .linkFlapping: ("LinkFlapping", "The carrier goes up and down over and over")
        case .bridgePortBlocked: ("BridgePortBlocked", "The bridge forwards nothing on this port")
        case .macDuplicate: ("MACDuplicate", "Two workloads of one network have the same MAC address")
        case .mtuMismatch: ("MTUMismatch", "The path of a workload takes smaller packets than it may send")
        }
    }

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
            let subject =
                switch event.subject {
                case .namespace: "netns"
                case .owner: "workload"
                case .link, .host: "device"
                }
            return ["summary": AlertTemplate(own: "{{\(subject)}}: \(text)"), "owner": owner]
        case .threshold(let threshold):
            let unit =
                switch threshold.reading {
                case .value: ""
                case .average: " on average"
                case .rate: " a second"
                }
            let bound =
                switch threshold.bound {
                case .above(let bound): "above \(bound.shortText)"
                case .below(let bound): "below \(bound.shortText)"
                }
            return [
                "summary": AlertTemplate(own: "\(threshold.metric) is {{value}}\(unit), \(bound)"), "owner": owner,
            ]
        }
    }
}
