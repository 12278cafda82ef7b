/// One link in words: what it is, what is at its other end, what is wrong, and how that is known.
public struct Explanation: Codable, Equatable, Sendable {
    public let device: EscapedText
    /// Its namespace's label; nil for vexport's own.
    public let namespace: EscapedText?
    /// What it is, one fact each.
    public let what: [Evidence]
    /// What is at its other end.
    public let otherEnd: [Evidence]
    /// Who that is; nil when it is not known.
    public let workload: WorkloadRecord?
    /// Its own, then those of a veth's other end.
    public let findings: [FindingRecord]

    enum CodingKeys: String, CodingKey {
        case device, what, workload, findings
        case namespace = "netns"
        case otherEnd = "other_end"
    }

    /// Whether something does not work. What is only worth knowing does not count.
    public var isWrong: Bool { findings.contains { $0.severity > .info } }

    init(
        _ link: Link, in inventory: Inventory, _ findings: [FindingRecord], facts: LinkFactSheet?,
        reading: BridgeReading?, workload: Workload?
    ) {
        device = link.state.name
        namespace = inventory.namespaces[link.place.namespace]?.label
        self.findings = findings
        let words = LinkWords(inventory: inventory)
        what = words.what(link, reading)
        self.workload = workload.map(WorkloadRecord.init)
        otherEnd = (workload.map { [Evidence("the \($0.text)", $0.source)] } ?? []) + words.otherEnd(of: link, facts)
    }

    /// For people, line by line.
    public var text: String {
        let place = namespace.map { " in namespace \($0)" } ?? ""
        var lines = ["\(device)\(place)"] + Self.lines(what)
        if !otherEnd.isEmpty { lines += ["at the other end"] + Self.lines(otherEnd) }
        if findings.isEmpty { lines.append("nothing is wrong with it, as far as vexport can tell") }
        for finding in findings {
            let since =
                finding.since.flatMap { Timestamp(seconds: $0) }
                .map { "since \($0)" } ?? "since when is unknown"
            let isOwn = finding.device == device && finding.namespace == namespace
            let place = isOwn ? "" : " with \(finding.subject)"
            lines.append("\(finding.severity == .info ? "note" : "WRONG")\(place): \(finding.reason)")
            lines.append("  \(finding.kind.rawValue), \(since); this is known from")
            lines += finding.evidence.map { "    \($0.fact) [\($0.source)]" }
            if let command = finding.command { lines.append("  a person could run: \(command)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ facts: [Evidence]) -> [String] { facts.map { "  \($0.fact) [\($0.source)]" } }
}

/// What links are, in words.
struct LinkWords {
    let inventory: Inventory

    func what(_ link: Link, _ reading: BridgeReading?) -> [Evidence] {
        let state = link.state
        var facts = [Evidence("it is a \(state.kind.name)", "IFLA_INFO_KIND"), self.state(of: link)]
        if let address = state.address, !address.description.isEmpty {
            facts.append(Evidence("its address is \(address)", "IFLA_ADDRESS"))
        }
        if let index = state.masterIndex, let master = inventory[LinkPlace(link.place.namespace, index)] {
            facts.append(Evidence("it is a port of the \(master.state.kind.name) \(master.state.name)", "IFLA_MASTER"))
            if let entries = reading?.forwarding { facts.append(behind(master, entries)) }
        }
        if state.tun?.persistent == true { facts.append(Evidence("it outlives its reader", "IFLA_TUN_PERSIST")) }
        if let alias = state.alias { facts.append(Evidence("its alias is \(alias)", "IFLA_IFALIAS")) }
        return facts
    }

    func otherEnd(of link: Link, _ facts: LinkFactSheet?) -> [Evidence] {
        switch link.state.kind {
        case .veth:
            guard let place = link.peer else { return [Evidence("a veth that is not known", "IFLA_LINK")] }
            let name = inventory[place]?.state.name.description ?? "link \(place.index)"
            let home =
                place.namespace == link.place.namespace
                ? "the same namespace"
                : place.namespace == .own
                    ? "vexport's own namespace"
                    : "namespace \(inventory.namespaces[place.namespace]?.label?.description ?? "without a name")"
            return [Evidence("the veth \(name) in \(home)", "IFLA_LINK, IFLA_LINK_NETNSID")]
                + (inventory[place].map { [state(of: $0)] } ?? [])
        case .tap, .tun:
            if let readers = facts?.readers, !readers.isEmpty {
                return readers.prefix(4).map { Evidence("\($0)", "/proc/PID/fdinfo") }
            }
            switch link.state.carrier.isUp {
            case true?: return [Evidence("a process that has it open", "IFLA_CARRIER")]
            case false?: return [Evidence("no process that has it open", "IFLA_CARRIER")]
            case nil: return []
            }
        case .bridge:
            let ports = inventory.links(in: link.place.namespace)
                .count { $0.state.masterIndex == link.place.index }
            return [Evidence("\(ports) \(ports == 1 ? "port" : "ports")", "IFLA_MASTER")]
        default:
            guard let lower = link.state.lowerLink, lower.namespaceID == nil,
                let below = inventory[LinkPlace(link.place.namespace, lower.index)], below.place != link.place
            else { return [] }
            return [Evidence("the \(below.state.kind.name) \(below.state.name), which it stands on", "IFLA_LINK")]
        }
    }

    private func behind(_ master: Link, _ entries: ForwardingEntries) -> Evidence {
        let count = entries.learned + entries.fixed
        let addresses = count == 1 ? "1 address" : "\(count == 0 ? "no" : "\(count)") addresses"
        let shown = entries.addresses.map(\.description).joined(separator: ", ")
        let list = count == 0 ? "" : ": \(shown)\(count > entries.addresses.count ? ", ..." : "")"
        return Evidence("\(master.state.name) knows \(addresses) behind it\(list)", "RTM_GETNEIGH, AF_BRIDGE")
    }

    private func state(of link: Link) -> Evidence {
        let admin = link.state.flags.contains(.up) ? "up" : "down"
        switch link.state.carrier.isUp {
        case true?: return Evidence("it is \(admin) and has a carrier", "ifi_flags, IFLA_CARRIER")
        case false?: return Evidence("it is \(admin) and has no carrier", "ifi_flags, IFLA_CARRIER")
        case nil: return Evidence("it is \(admin)", "ifi_flags")
        }
    }
}
