/// A point in wall time, in nanoseconds since 1970-01-01T00:00:00Z. For showing; order and age go by the monotonic
/// clock.
public struct Timestamp: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// - Parameter seconds: since the epoch, with fractions.
    /// - Returns: nil beyond the years 1678 to 2261.
    public init?(seconds: Double) {
        let whole = seconds.rounded(.down)
        guard let whole = Int64(exactly: whole), abs(whole) < 9_220_000_000 else { return nil }
        nanoseconds = whole * 1_000_000_000 + Int64(((seconds - seconds.rounded(.down)) * 1e9).rounded())
    }

    /// Seconds since the epoch, as Prometheus gauges hold them. Exact to about 100 ns.
    public var seconds: Double {
        // In two parts, since nanoseconds have more digits than a Double.
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Double(whole) + Double(rest) / 1e9
    }

    /// So long before, as far as there are times.
    public static func - (time: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (result, isTooEarly) = time.nanoseconds.subtractingReportingOverflow(
            product &+ attoseconds / 1_000_000_000)
        return Timestamp(nanoseconds: isTooLong || isTooEarly ? .min : result)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Timestamp: CustomStringConvertible {
    /// In UTC, to the millisecond: `2026-11-24T23:46:38.123Z`. Source: RFC 3339.
    public var description: String {
        func padded(_ number: Int64, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let milliseconds = Self.divide(nanoseconds, by: 1_000_000).quotient
        let (days, rest) = Self.divide(milliseconds, by: 86_400_000)
        let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1000)
        let (year, month, day) = Self.date(days: days)
        return "\(padded(year, 4))-\(padded(month))-\(padded(day))"
            + "T\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60)).\(padded(fraction, 3))Z"
    }

    /// The date so many days after 1970-01-01, in the Gregorian calendar.
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Years that begin in March end with the leap day; 400 of them have 146,097 days. Day 0 is 0000-03-01.
        let (era, dayOfEra) = divide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153  // 0 is March: from there five months have 153 days, again and again
        let month = march < 10 ? march + 3 : march - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }

    /// Rounds down, also before 1970.
    private static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
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
