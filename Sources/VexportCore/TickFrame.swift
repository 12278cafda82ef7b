import Synchronization

/// What one tick saw: every link's counters and state at one time. Never changes once published.
public struct TickFrame: Sendable {
    public let moment: Moment
    /// How long the reading took.
    public let duration: Duration
    public let links: FrameLinks
    /// Who owned what when the tick was taken.
    let owners: OwnerIndex
    let counters: FrameCounters
    /// nil before the first look at them.
    let bridges: BridgeReadings?
    /// Events so far, by `LinkEvent.Kind.ordinal`.
    let eventCounts: [UInt64]
    /// How many of them were inferred.
    let inferredEvents: UInt64

    /// A link's counter; nil when this tick did not read it.
    public func counter(_ counter: LinkCounter, slot: Int) -> UInt64? {
        counters[counter, slot]
    }

    /// What a counter grew by, per second, since `earlier`.
    ///
    /// - Returns: nil when either frame lacks it, or the slot held another link then. A counter that was reset counts
    ///   from 0.
    public func rate(_ counter: LinkCounter, slot: Int, since earlier: TickFrame) -> Double? {
        guard let record = links[slot], earlier.links[slot]?.link.identity == record.link.identity,
            let new = self.counter(counter, slot: slot), let old = earlier.counter(counter, slot: slot)
        else { return nil }
        var seconds = (counters.moment(slot: slot).instant - earlier.counters.moment(slot: slot).instant).seconds
        var before = old
        // Of another namespace, and not read since: what it grew by in the round before this one.
        if seconds <= 0, let remote = counters.earlierRemote(counter, slot: slot) { (before, seconds) = remote }
        guard seconds > 0 else { return nil }
        return Double(new >= before ? new - before : new) / seconds
    }
}

/// The links of a frame, by slot. Shared by all frames between two changes of the inventory.
public final class FrameLinks: Sendable {
    /// nil where the slot is free, or its link's name is in doubt.
    let records: [LinkRecord?]
    /// The device block of each slot that shows metrics.
    let deviceBlocks: LabelBlocks
    /// The block of a workload's traffic, of each slot that has a workload and shows metrics.
    let workloadBlocks: LabelBlocks
    /// Which slots show the metrics of `detail`.
    let showsDetail: [Bool]
    /// How many links there are of each kind, exposed or not.
    let counts: [String: Int]
    /// Series of links that the budget had no room for.
    let refusedSeries: Int
    /// What is shown of them.
    let table: LinkTable
    /// How much of them is shown.
    let detail: LinkDetail
    let namespaces: [NamespaceSummary]
    /// Other namespaces that have links with series.
    let sampledNamespaces: [NamespaceID]
    private let text = Mutex<[ExpositionFormat: [UInt8]]>([:])

    /// - Parameter isExposed: by slot, whether the link's metrics are on the page.
    init(
        _ records: [LinkRecord?], _ exposure: Exposure, isExposed: [Bool], refusedSeries: Int = 0,
        counts: [LinkKind: Int] = [:], namespaces: [NamespaceSummary] = []
    ) {
        self.records = records
        self.namespaces = namespaces
        table = exposure.table
        detail = exposure.detail
        let exposed = zip(records, isExposed).map { $1 ? $0 : nil }
        deviceBlocks = LabelBlocks(exposed.map { $0?.deviceBlock })
        workloadBlocks = LabelBlocks(exposed.map { $0?.workloadBlock })
        showsDetail = records.map { $0?.shows(exposure.detail) ?? false }
        self.refusedSeries = refusedSeries
        sampledNamespaces = Set(exposed.lazy.compactMap { $0?.link.place.namespace }).subtracting([.own]).sorted()
        self.counts = Dictionary(counts.filter { $0.value > 0 }.map { ($0.key.name, $0.value) }, uniquingKeysWith: +)
    }

    public var slotCount: Int { records.count }

    /// Whether the metrics of a slot's link are on the page.
    func isExposed(_ slot: Int) -> Bool { deviceBlocks.hasBlock(slot) }

    /// The slots whose records are others than in `earlier`, so that something about their links is. O(slots), and quick.
    @_optimize(speed)
    func changedSlots(since earlier: FrameLinks) -> [Int] {
        let (old, new) = (earlier.records, records)
        return (0..<max(old.count, new.count)).filter { slot in
            slot >= old.count || slot >= new.count || old[slot] !== new[slot]
        }
    }

    /// The link in a slot.
    public subscript(slot: Int) -> LinkRecord? {
        records.indices.contains(slot) ? records[slot] : nil
    }

    /// The families that change only with the inventory. Rendered by the first scrape that asks.
    func stateText(_ format: ExpositionFormat) -> [UInt8] {
        text.withLock { text in
            if let known = text[format] { return known }
            let rendered = StateText.render(self, format)
            text[format] = rendered
            return rendered
        }
    }
}
