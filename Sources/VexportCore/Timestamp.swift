/// A point in wall time, in nanoseconds since 1970-01-01T00:00:00Z. For showing; order and age go by the monotonic
/// clock.
public struct Timestamp: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Seconds since the epoch, as Prometheus gauges hold them. Exact to about 100 ns.
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }
}

/// One reading of both clocks: wall time to show, monotonic time to measure with.
public struct Moment: Sendable {
    public var timestamp: Timestamp
    public var instant: ContinuousClock.Instant

    public init(timestamp: Timestamp, instant: ContinuousClock.Instant) {
        self.timestamp = timestamp
        self.instant = instant
    }
}

extension Duration {
    /// Seconds, as Prometheus metrics hold them.
    public var seconds: Double {
        let (whole, attoseconds) = components
        return Double(whole) + Double(attoseconds) / 1e18
    }
}
