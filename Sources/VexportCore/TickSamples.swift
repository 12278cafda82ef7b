/// The counters of one sampling pass, as they come: rows of (interface index, counters).
///
/// A collector fills it, the pipeline reads it, and the collector uses it again: after some ticks nothing allocates.
public struct TickSamples: Sendable {
    /// How many counters a row holds.
    static let stride = LinkCounter.allCases.count

    private(set) var indexes: [Int32] = []
    /// Row after row, and room for more.
    private(set) var counters: [UInt64] = []
    /// How many counters this kernel reports of every link, at most `stride`.
    private(set) var counterCount = 0

    /// When the kernel read the first link.
    public var moment = Moment(timestamp: Timestamp(nanoseconds: 0), instant: .now)
    /// From the request to the last link, with the wait for the kernel's lock and repetitions of torn dumps.
    public var duration = Duration.zero

    public init() {}

    public mutating func removeAll() {
        indexes.removeAll(keepingCapacity: true)
        counterCount = 0
    }

    /// Adds a link's counters.
    ///
    /// - Parameter row: struct rtnl_link_stats64, possibly longer or shorter than known here. Empty is not added.
    public mutating func append(index: Int32, row: RawSpan) {
        let count = min(row.byteCount / 8, Self.stride)
        guard count > 0 else { return }
        counterCount = indexes.isEmpty ? count : min(counterCount, count)
        let start = indexes.count * Self.stride
        if counters.count < start + Self.stride {
            counters.append(contentsOf: repeatElement(0, count: counters.count / 4 + 64 * Self.stride))
        }
        indexes.append(index)
        unsafe counters.withUnsafeMutableBytes { target in
            unsafe row.withUnsafeBytes { source in
                let place = unsafe target.baseAddress! + start * 8
                unsafe place.copyMemory(from: source.baseAddress!, byteCount: count * 8)
                let missing = (Self.stride - count) * 8
                unsafe (place + count * 8).initializeMemory(as: UInt8.self, repeating: 0, count: missing)
            }
        }
    }
}
