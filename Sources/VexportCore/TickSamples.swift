/// The counters of one sampling pass, as they come: rows of (interface index, counters).
///
/// A collector fills it, the pipeline reads it, and the collector uses it again: after some ticks nothing allocates.
public struct TickSamples: Sendable {
    /// How many counters a row holds.
    static let stride = LinkCounter.allCases.count

    private(set) var indexes: [Int32] = []
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
        counters.removeAll(keepingCapacity: true)
        counterCount = 0
    }

    /// Adds a link's counters.
    ///
    /// - Parameter row: struct rtnl_link_stats64, possibly longer or shorter than known here. Empty is not added.
    public mutating func append(index: Int32, row: RawSpan) {
        let count = min(row.byteCount / 8, Self.stride)
        guard count > 0 else { return }
        counterCount = indexes.isEmpty ? count : min(counterCount, count)
        indexes.append(index)
        let start = counters.count
        counters.append(contentsOf: repeatElement(0, count: Self.stride))
        unsafe counters.withUnsafeMutableBytes { target in
            unsafe row.withUnsafeBytes { source in
                unsafe target.baseAddress!.advanced(by: start * 8)
                    .copyMemory(from: source.baseAddress!, byteCount: count * 8)
            }
        }
    }
}
