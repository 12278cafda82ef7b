/// A path as the API and `vexport path` give it. Names stay; what is new comes under new names.
public struct PathRecord: Codable, Equatable, Sendable {
    /// A link on it.
    public struct Hop: Codable, Equatable, Sendable {
        /// As a snapshot has it.
        public var link: Snapshot.Link
        public var findings: [FindingRecord]
    }

    public struct End: Codable, Equatable, Sendable {
        /// `uplink`, `tunnel`, `open_vswitch`, `no_master`, `no_way_on`, `several_ways`, `unknown` or `circle`.
        public let kind: EscapedText
        /// For people.
        public let text: EscapedText
    }

    /// Who it begins at; nil when that is not known.
    public let workload: WorkloadRecord?
    /// From the workload on.
    public let hops: [Hop]
    public let end: End
    /// The smallest MTU on it, bridges' own aside, in bytes.
    public let mtu: UInt32?

    enum CodingKeys: String, CodingKey {
        case workload, hops, end
        case mtu = "mtu_bytes"
    }

    /// Whether something on it does not work. What is only worth knowing does not count.
    public var isWrong: Bool { hops.contains { $0.findings.contains { $0.severity > .info } } }

    /// For people, line by line: the lines of links that somebody should look at begin with `!`.
    public func text(_ style: TableStyle) -> String {
        var heading = workload?.text ?? "from \(hops.first?.link.name.description ?? "nowhere")"
        if let runtime = workload?.runtime { heading += ", \(runtime)" }
        if let id = workload?.id { heading += ", \(id)" }
        if let project = workload?.project { heading += ", project \(project)" }
        let hasRates = hops.contains { $0.link.rates != nil }
        let rows = hops.enumerated().map { number, hop in
            TableLine(
                LinkTree.Row(link: number, relation: .top, continues: []), hasChildren: false, link: hop.link,
                remarks: LinkRemarks(hop, bridge: number > 0 ? hops[number - 1].link : nil), hasRates: hasRates,
                activity: nil, style: style)
        }
        let layout = TableLayout(rows, hasRates: hasRates, style: style)
        var lines = [style.painted(heading, .bold), layout.titles] + rows.flatMap(layout.lines)
        lines += style.wrapped([("\(end.text)", nil)], width: style.width)
        return lines.joined(separator: "\n") + "\n"
    }
}

extension LinkRemarks {
    /// Of a link on a path.
    init(_ hop: PathRecord.Hop, bridge: Snapshot.Link?) {
        let link = hop.link
        self.init(state: Self.state(of: link), facts: [])
        // A bridge on a path has the port that it was come from.
        addState(link, hasPorts: link.kind == "bridge")
        addPort(link, bridge: bridge)
        addLosses(link)
        for finding in hop.findings {
            let text = "\(finding.reason) (\(finding.kind.rawValue))"
            if finding.severity > .info { problems.append(text) } else { facts.append(text) }
        }
        if let namespace = link.namespace { facts.append("netns \(namespace)") }
        if let mtu = link.mtu { facts.append("mtu \(mtu)") }
        if let alias = link.alias { facts.append("\"\(alias)\"") }
    }
}
