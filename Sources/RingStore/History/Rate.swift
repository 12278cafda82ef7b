/// Keeps of each step the last sample.
public struct Downsampler: Sendable {
    private let step: UInt64
    private var last: (moment: RingMoment, value: UInt64)?

    public init(step: Duration) {
        self.step = max(step.nanoseconds, 1)
    }

    /// Takes a sample, later than all before.
    ///
    /// - Returns: the last sample of the step before, when this one begins another.
    public mutating func take(_ moment: RingMoment, _ value: UInt64) -> (moment: RingMoment, value: UInt64)? {
        defer { last = (moment, value) }
        guard let last,
            last.moment.epoch != moment.epoch
                || last.moment.tick.monotonic / step != moment.tick.monotonic / step
        else { return nil }
        return last
    }

    /// The last sample of the last step; nil if there was none.
    public mutating func finish() -> (moment: RingMoment, value: UInt64)? {
        defer { last = nil }
        return last
    }
}

/// How fast a counter grew between two samples.
public struct Rate: Equatable, Sendable {
    public var from: RingMoment
    public var to: RingMoment
    public var perSecond: Double
}

/// Makes rates of a counter's samples.
///
/// A counter that went down was reset, and what it had counted till then is not known: that stretch has no rate, rather
/// than a negative or a huge one. Nor has one over a reboot, whose length monotonic time does not tell.
public struct RateMeter: Sendable {
    private var last: (moment: RingMoment, value: UInt64)?

    public init() {}

    /// Takes a sample, later than all before.
    ///
    /// - Returns: the rate since the one before, over a gap its mean; nil for the first and after a reset or a reboot.
    public mutating func take(_ moment: RingMoment, _ value: UInt64) -> Rate? {
        defer { last = (moment, value) }
        guard let last, last.moment.epoch == moment.epoch, value >= last.value,
            moment.tick.monotonic > last.moment.tick.monotonic
        else { return nil }
        let seconds = Double(moment.tick.monotonic - last.moment.tick.monotonic) / 1e9
        return Rate(from: last.moment, to: moment, perSecond: Double(value - last.value) / seconds)
    }
}
