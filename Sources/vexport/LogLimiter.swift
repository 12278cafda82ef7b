import Synchronization

/// Keeps one place in the program from flooding the log: a few lines at once, then one a second, which says how many
/// were left out. Time is a parameter.
struct LogLimiter {
    typealias Instant = ContinuousClock.Instant

    /// Where in the sources a line comes from. The texts differ, with names and numbers in them.
    struct Place: Hashable {
        let file: String
        let line: UInt
    }

    private struct Allowance {
        var lines: Double
        var at: Instant
        var leftOut = 0
    }

    /// Lines that a place may write at once.
    static let burst = 20.0
    /// Lines a second after that.
    static let pace = 1.0

    private var allowances: [Place: Allowance] = [:]

    /// Decides on a line.
    ///
    /// - Returns: how many of this place were left out since its last line; nil when this one is to be left out too.
    mutating func admit(_ place: Place, at now: Instant) -> Int? {
        var allowance = allowances[place] ?? Allowance(lines: Self.burst, at: now)
        defer { allowances[place] = allowance }
        allowance.lines = min(Self.burst, allowance.lines + (now - allowance.at) / .seconds(1) * Self.pace)
        allowance.at = now
        guard allowance.lines >= 1 else {
            allowance.leftOut += 1
            return nil
        }
        allowance.lines -= 1
        defer { allowance.leftOut = 0 }
        return allowance.leftOut
    }
}

/// The limiter that all copies of a log handler share.
final class SharedLogLimiter: Sendable {
    private let limiter = Mutex(LogLimiter())

    func admit(_ place: LogLimiter.Place) -> Int? {
        limiter.withLock { $0.admit(place, at: .now) }
    }
}
