/// A link as frames hold it: unchanging, with its label blocks rendered once.
public final class LinkRecord: Sendable {
    public let link: Link
    /// The label of its namespace; nil for vexport's own.
    public let namespace: EscapedText?
    /// `{device="…"}` or `{device="…",netns="…"}`, as bytes of the text format.
    let deviceBlock: [UInt8]
    /// For each info of the table: its label block with the value, or nothing. In table order.
    let infoBlocks: [[UInt8]?]
    /// Labels from outside, in every info. See `Enrichment`.
    let enrichment: [Label]
    /// Who is at its far end; nil when that is not known.
    public let workload: Workload?
    /// `workload`, or who was the last one there.
    let owner: Workload?
    /// The label block of the workload's traffic; nil without a workload, and for a macvtap, whose own counters are in the
    /// workload's direction.
    let workloadBlock: [UInt8]?

    /// A link with the names of its neighbours, for labels.
    struct Context {
        let link: Link
        /// The label of its namespace; nil for vexport's own.
        let namespace: EscapedText?
        let masterName: EscapedText?
        /// A veth's other end, if it is known: its name, and the label of its namespace.
        let peer: (name: EscapedText, namespace: EscapedText?)?
        let enrichment: [Label]
        let workload: Workload?
        let formerOwner: Workload?
        var state: LinkState { link.state }
    }

    init(_ context: Context, _ table: LinkTable) {
        link = context.link
        namespace = context.namespace
        enrichment = context.enrichment
        let place = Self.labels(context.link, context.namespace)
        deviceBlock = TextFormat.block(place)
        workload = context.workload
        owner = context.workload ?? context.formerOwner
        let countsForWorkload = context.state.kind != .macvtap
        workloadBlock = context.workload.flatMap { workload in
            countsForWorkload ? TextFormat.block(place + WorkloadMetrics.labels(workload)) : nil
        }
        infoBlocks = table.infos.map { labels in labels(context).map { TextFormat.block(place + $0) } }
    }

    private static func labels(_ link: Link, _ namespace: EscapedText?) -> [Label] {
        [Label("device", link.state.name), Label("netns", namespace)].compactMap(\.self)
    }

    /// What `deviceBlock` is made of.
    var labels: [Label] { Self.labels(link, namespace) }

    /// Whether the metrics marked as detail are shown.
    func shows(_ detail: LinkDetail) -> Bool { detail == .full || link.state.kind == .physical }

    /// How many series it has at most: some counters may be missing on an older kernel.
    func seriesCount(_ exposure: Exposure) -> Int {
        let (showsDetail, traits) = (shows(exposure.detail), LinkTraits(self))
        var (count, infos) = (0, 0)
        for row in exposure.table.rows {
            if traits.contains(row.needs), showsDetail || !row.isDetail {
                if case .counter = row.reading {
                    count += 1
                } else if series(of: row.reading, infos) != nil {
                    count += 1
                }
            }
            if case .info = row.reading { infos += 1 }
        }
        return count
    }

    /// The series of a state or info.
    ///
    /// - Parameter infos: how many infos come before in the table: the place in the blocks.
    func series(of reading: LinkMetric.Reading, _ infos: Int) -> (labels: [UInt8], value: Double)? {
        switch reading {
        case .counter: nil
        case .state(let value): value(self).map { (deviceBlock, $0) }
        case .info: infoBlocks[infos].map { ($0, 1) }
        }
    }
}
