/// A tick's counters: blocks as they were read, and where in them each link has its row.
struct FrameCounters: Sendable {
    /// That of vexport's own namespace, and that of the others if they have been read.
    let blocks: [CounterBlock]
    /// By slot.
    let places: [CounterPlace]
    /// The last two rounds through other namespaces, which are made less often than ticks.
    var remote: (earlier: RemoteCounters, later: RemoteCounters)?

    /// A link's counter; nil when none was read.
    subscript(counter: LinkCounter, slot: Int) -> UInt64? {
        guard places.indices.contains(slot) else { return nil }
        let place = places[slot]
        let block = blocks[Int(place.block)]
        let column = block.column(counter)
        return place.row < column.count ? column[Int(place.row)] : nil
    }

    /// The sums of some counters of all links, by slot; nil where none of them was read.
    func sums(_ counters: [LinkCounter]) -> [UInt64?] {
        var sums = [UInt64?](repeating: nil, count: places.count)
        for number in blocks.indices {
            for counter in counters { blocks[number].add(counter, of: number, at: places, to: &sums) }
        }
        return sums
    }

    /// Whether these counters of all links have the same values here and in `other`, in the same order.
    func areEqual(to other: FrameCounters, _ counters: [LinkCounter]) -> Bool {
        guard blocks.count == other.blocks.count, places == other.places else { return false }
        return counters.allSatisfy { counter in
            zip(blocks, other.blocks).allSatisfy { $0.isEqual(to: $1, counter) }
        }
    }

    /// Whether the last two rounds through other namespaces read the same of these counters.
    func isRemoteStill(_ counters: [LinkCounter]) -> Bool {
        guard let remote else { return true }
        return counters.allSatisfy { remote.earlier.block.isEqual(to: remote.later.block, $0) }
    }

    /// How many counters of a slot's link were read: the first ones; 0 for none.
    func counterCount(slot: Int) -> Int {
        guard places.indices.contains(slot) else { return 0 }
        let block = blocks[Int(places[slot].block)]
        return places[slot].row < block.count ? block.counterCount : 0
    }

    /// When a slot's counters were read.
    func moment(slot: Int) -> Moment { blocks[Int(places[slot].block)].moment }

    /// What a counter of a link in another namespace was in the round before, and how long before.
    func earlierRemote(_ counter: LinkCounter, slot: Int) -> (value: UInt64, seconds: Double)? {
        guard let remote, places[slot].block == 1 else { return nil }
        let row = Int(places[slot].row)
        let block = remote.earlier.block
        let column = block.column(counter)
        guard remote.later.hasSameLink(row, as: remote.earlier), row < column.count else { return nil }
        let (earlier, later) = (block.moment.instant, remote.later.block.moment.instant)
        return (column[row], (later - earlier).seconds)
    }
}

/// Where a slot's counters lie.
struct CounterPlace: Equatable, Sendable {
    /// Which block.
    let block: UInt32
    /// Which row of it.
    let row: UInt32

    /// Of a slot without counters: a row that no block has.
    static let none = CounterPlace(block: 0, row: .max)
}

/// The places of a frame's counters. Which links a dump tells of, and in what order, hardly ever changes, so that most
/// ticks share the places of the one before.
struct CounterPlaces {
    private(set) var places: [CounterPlace] = []
    /// The links that `places` was made for, in the order of the block.
    private var indexes: [Int32] = []
    private var isValid = false

    /// Slots changed hands, or other namespaces were read.
    mutating func invalidate() { isValid = false }

    mutating func update(for block: CounterBlock, _ remote: RemoteCounters?, _ inventory: borrowing Inventory) {
        if isValid, matches(block.indexes) { return }
        places = [CounterPlace](repeating: .none, count: inventory.slotCount)
        indexes.removeAll(keepingCapacity: true)
        for row in 0..<block.count {
            let index = block.indexes[row]
            indexes.append(index)
            guard let slot = inventory.slotsByPlace[LinkPlace(.own, index)] else { continue }
            places[slot] = CounterPlace(block: 0, row: UInt32(row))
        }
        remote?.forEachRow { row, place in
            guard let slot = inventory.slotsByPlace[place] else { return }
            places[slot] = CounterPlace(block: 1, row: UInt32(row))
        }
        isValid = true
    }

    private func matches(_ others: Span<Int32>) -> Bool {
        guard others.count == indexes.count else { return false }
        for row in indexes.indices where indexes[row] != others[row] { return false }
        return true
    }
}
