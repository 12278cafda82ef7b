/// The counters of one dump as columns: one a counter, each in the order in which the kernel told of the links.
public struct CounterBlock: Sendable {
    /// How many counters are known here.
    static let counterLimit = LinkCounter.allCases.count

    private let memory: CounterMemory
    /// How many links it holds.
    let count: Int
    /// How many counters this kernel reports of every link, at most `counterLimit`.
    let counterCount: Int
    /// When the kernel read the first link.
    let moment: Moment

    init(_ memory: CounterMemory, count: Int, counterCount: Int, moment: Moment) {
        precondition(count <= memory.capacity && counterCount <= Self.counterLimit, "more rows than the memory has")
        self.memory = memory
        self.count = count
        self.counterCount = counterCount
        self.moment = moment
    }

    /// The links' interface indexes.
    var indexes: Span<Int32> {
        @_lifetime(borrow self)
        get {
            let start = unsafe memory.indexes
            let span = unsafe Span(_unsafeStart: start, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The values of one counter; empty when this kernel does not report it, or not all of `others`.
    @_lifetime(borrow self)
    func column(_ counter: LinkCounter, _ others: [LinkCounter] = []) -> Span<UInt64> {
        let isKnown = counter.rawValue < counterCount && others.allSatisfy { $0.rawValue < counterCount }
        let rows = isKnown ? count : 0
        let start = unsafe memory.column(counter.rawValue)
        let span = unsafe Span(_unsafeStart: start, count: rows)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// All columns one after the other: the counter of a row is at `counter.rawValue * stride + row`.
    var columns: Span<UInt64> {
        @_lifetime(borrow self)
        get {
            let start = unsafe memory.column(0)
            let span = unsafe Span(_unsafeStart: start, count: Self.counterLimit * stride)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// From a column to the next.
    var stride: Int { memory.capacity }

    /// Whether a column has the same values here and in `other`.
    func isEqual(to other: CounterBlock, _ counter: LinkCounter) -> Bool {
        if memory === other.memory { return true }
        let column = column(counter)
        let others = other.column(counter)
        guard column.count == others.count else { return false }
        var differences: UInt64 = 0
        for row in column.indices { unsafe differences |= column[unchecked: row] ^ others[unchecked: row] }
        return differences == 0
    }

    /// Adds a counter of each link to the sum of its slot.
    ///
    /// - Parameters:
    ///   - number: this block's.
    ///   - places: where each slot's counters lie, in this block or in another.
    @_optimize(speed)  // a loop over all links, for each rule on counters
    func add(_ counter: LinkCounter, of number: Int, at places: [CounterPlace], to sums: inout [UInt64?]) {
        let column = column(counter)
        for slot in places.indices {
            let place = places[slot]
            if Int(place.block) == number, place.row < column.count {
                sums[slot] = (sums[slot] ?? 0) &+ column[Int(place.row)]
            }
        }
    }

    /// Adds counters of a row to `value`.
    func sum(_ value: UInt64, _ others: [LinkCounter], _ row: Int) -> UInt64 {
        others.reduce(value) { sum, counter in
            let values = column(counter)
            return sum &+ values[row]
        }
    }
}

/// What a block's counters lie in. Written by `TickSamples` alone, and only while no block holds it.
@safe final class CounterMemory: @unchecked Sendable {  // whoever reads it keeps it from being written
    let capacity: Int
    let indexes: UnsafeMutablePointer<Int32>
    private let values: UnsafeMutablePointer<UInt64>

    /// - Parameter rows: how many links it has room for at least.
    init(rows: Int) {
        // An odd number of cache lines a column: with a power of two the rows of all columns would share the few places
        // that a processor's first cache has for them.
        capacity = ((rows + 7) / 8 | 1) * 8
        unsafe indexes = .allocate(capacity: capacity)
        unsafe values = .allocate(capacity: capacity * CounterBlock.counterLimit)
        unsafe indexes.initialize(repeating: 0, count: capacity)
        unsafe values.initialize(repeating: 0, count: capacity * CounterBlock.counterLimit)
    }

    deinit {
        unsafe indexes.deallocate()
        unsafe values.deallocate()
    }

    func column(_ counter: Int) -> UnsafeMutablePointer<UInt64> {
        precondition(counter < CounterBlock.counterLimit, "no such counter")
        return unsafe values + counter * capacity
    }

    /// Writes the first `counterCount` counters of a link.
    @inline(__always)
    func write(_ row: RawSpan, counterCount: Int, index: Int32, at place: Int) {
        precondition(place < capacity && counterCount <= CounterBlock.counterLimit, "a row without memory")
        precondition(counterCount * 8 <= row.byteCount, "a row that is too short")
        unsafe indexes[place] = index
        unsafe row.withUnsafeBytes { source in
            guard var value = source.baseAddress else { return }
            var target = unsafe values + place
            for _ in 0..<counterCount {
                unsafe target.pointee = value.loadUnaligned(as: UInt64.self)
                unsafe value += 8
                unsafe target += capacity
            }
        }
    }

    /// Takes over the first `count` rows of `other`.
    func copy(_ other: CounterMemory, count: Int) {
        precondition(count <= min(capacity, other.capacity), "more rows than there is memory for")
        unsafe indexes.update(from: other.indexes, count: count)
        for counter in 0..<CounterBlock.counterLimit {
            unsafe column(counter).update(from: other.column(counter), count: count)
        }
    }
}
