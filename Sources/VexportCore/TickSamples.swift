/// Takes in the counters of one dump, link by link, as the columns that frames hold.
///
/// A collector fills it, the pipeline takes the block, and the collector uses it again: after some ticks nothing
/// allocates.
public struct TickSamples: ~Copyable, Sendable {
    private var memory = CounterMemory(rows: 64)
    /// What blocks hold or held; one that no block holds any more is written again.
    private var others: [CounterMemory] = []
    /// How many links were added since the last `removeAll`.
    public private(set) var count = 0
    private(set) var counterCount = 0

    /// When the kernel read the first link.
    public var moment = Moment(timestamp: Timestamp(nanoseconds: 0), instant: .now)
    /// From the request to the last link, with the wait for the kernel's lock and repetitions of torn dumps.
    public var duration = Duration.zero

    public init() {}

    /// Forgets all links. What blocks hold stays as it is.
    public mutating func removeAll() {
        count = 0
        counterCount = 0
        if isKnownUniquelyReferenced(&memory) { return }
        for position in others.indices where isKnownUniquelyReferenced(&others[position]) {
            swap(&memory, &others[position])
            return
        }
        others.append(memory)
        memory = CounterMemory(rows: memory.capacity)
        // Slow scrapes may hold many blocks for a while; what they drop later need not be kept.
        if others.count > 5 { others.removeFirst() }
    }

    /// Adds a link's counters.
    ///
    /// - Parameter row: struct rtnl_link_stats64, possibly longer or shorter than known here. Empty is not added.
    public mutating func append(index: Int32, row: RawSpan) {
        let counters = min(row.byteCount / 8, CounterBlock.counterLimit)
        guard counters > 0 else { return }
        if count == memory.capacity { grow() }
        memory.write(row, counterCount: counters, index: index, at: count)
        counterCount = count == 0 ? counters : min(counterCount, counters)
        count += 1
    }

    /// What was added since the last `removeAll`, which must come before the next `append`.
    var block: CounterBlock {
        CounterBlock(memory, count: count, counterCount: counterCount, moment: moment)
    }

    private mutating func grow() {
        let larger = CounterMemory(rows: memory.capacity + memory.capacity / 2)
        larger.copy(memory, count: count)
        memory = larger
    }
}
