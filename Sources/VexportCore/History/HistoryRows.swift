import RingStore

/// Where the counters of each row of the store are in the blocks of a frame.
struct HistoryRows {
    /// By block: which of its rows belong to which slots.
    private var sources: [[(slot: Int, row: Int)]] = []
    /// Which slots have counters in vexport's own namespace, and which in any.
    private var own: [Bool] = []
    private var all: [Bool] = []
    /// Each slot's row in the first block is the slot's number, so that the block is what the store takes.
    private var isDirect = true
    /// A row for each slot, column by column.
    private var columns: [UInt64] = []

    init() {}

    /// - Parameter isKept: by slot, whether the store knows its link.
    init(_ counters: FrameCounters, isKept: [Bool]) {
        let slotCount = min(isKept.count, counters.places.count)
        own = [Bool](repeating: false, count: slotCount)
        all = own
        sources = counters.blocks.map { _ in [] }
        for slot in 0..<slotCount where isKept[slot] {
            let place = counters.places[slot]
            let (block, row) = (Int(place.block), Int(place.row))
            guard row < counters.blocks[block].count else { continue }
            sources[block].append((slot, row))
            all[slot] = true
            guard block == 0 else { continue }
            own[slot] = true
            if row != slot { isDirect = false }
        }
    }

    /// - Parameter hasRemote: whether the second block is taken in too.
    mutating func append(
        _ counters: FrameCounters, _ tick: Tick, to store: RingStore, hasRemote: Bool
    ) -> RingStore.Outcome {
        guard !isDirect || hasRemote else {
            let block = counters.blocks[0]
            let present = own.span.extracting(first: min(own.count, block.count))
            return store.append(tick, columns: block.columns, stride: block.stride, present: present)
        }
        let present = hasRemote ? all : own
        for (block, source) in zip(counters.blocks, sources).prefix(hasRemote ? 2 : 1) { gather(block, source) }
        return store.append(tick, columns: columns.span, stride: own.count, present: present.span)
    }

    /// Copies a block's counters to their slots' rows.
    private mutating func gather(_ block: CounterBlock, _ source: [(slot: Int, row: Int)]) {
        let (slotCount, stride) = (own.count, block.stride)
        if columns.isEmpty { columns = [UInt64](repeating: 0, count: slotCount * CounterBlock.counterLimit) }
        let values = block.columns
        var target = columns.mutableSpan
        for column in 0..<block.counterCount {
            for (slot, row) in source { target[column * slotCount + slot] = values[column * stride + row] }
        }
    }
}
