/// A link as plugins that have labels for links are told of it.
public struct LinkSummary: Codable, Equatable, Sendable {
    /// What an answer calls it: no other link ever has this number, before or after.
    public var number: UInt64
    public var device: EscapedText
    /// The label of its namespace; nil for vexport's own.
    public var namespace: EscapedText?
    public var index: Int32
    public var kind: EscapedText
    public var alias: EscapedText?
    public var address: EscapedText?
    /// The bridge or other link that it is a port of.
    public var master: EscapedText?
    /// A veth's other end, in whichever namespace.
    public var peer: EscapedText?
    /// Who is at its far end: a name, what that is (`vm`, `container`, …), and a UUID or other id.
    public var workload: EscapedText?
    public var workloadKind: EscapedText?
    public var workloadID: EscapedText?

    private enum CodingKeys: String, CodingKey {
        case device, kind, alias, address, master, peer, workload
        case workloadKind = "workload_kind"
        case workloadID = "workload_id"
        case number = "link"
        case namespace = "netns"
        case index = "ifindex"
    }

    init(_ record: LinkRecord, _ names: [LinkPlace: EscapedText]) {
        let (link, state) = (record.link, record.link.state)
        number = link.identity.birth
        device = state.name
        namespace = record.namespace
        index = link.place.index
        kind = EscapedText(escaped: state.kind.name)
        alias = state.alias
        address = state.address.map { EscapedText(escaped: $0.description) }
        master = state.masterIndex.flatMap { names[LinkPlace(link.place.namespace, $0)] }
        peer = link.peer.flatMap { names[$0] }
        workload = record.workload?.name
        workloadKind = record.workload.map { EscapedText(escaped: "\($0.kind)") }
        workloadID = record.workload?.id
    }
}

extension FrameLinks {
    /// The links, each with its identity, in the order of their births. O(n log n).
    ///
    /// - Parameter first: only links whose number is this or a later one.
    public func summaries(from first: UInt64 = 0) -> [(identity: LinkIdentity, summary: LinkSummary)] {
        let records = records.compactMap(\.self)
        let names = Dictionary(records.map { ($0.link.place, $0.link.state.name) }) { first, _ in first }
        return records.filter { $0.link.identity.birth >= first }
            .map { ($0.link.identity, LinkSummary($0, names)) }.sorted { $0.1.number < $1.1.number }
    }

    /// The number that a link born next may have. O(n).
    public var nextNumber: UInt64 { records.lazy.compactMap { $0?.link.identity.birth }.max().map { $0 + 1 } ?? 0 }
}
