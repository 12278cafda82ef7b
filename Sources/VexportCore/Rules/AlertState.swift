/// How far one alert is: pending until its condition has held long enough, firing until it has ended long enough.
public struct AlertState: Equatable, Codable, Sendable {
    public enum Phase: String, Codable, Sendable {
        case pending, firing, resolved
    }

    public enum Transition: Sendable {
        case fired
        case resolved
        /// It ended before it fired: nobody hears of it.
        case dropped
    }

    public private(set) var phase = Phase.pending
    /// Since when the condition has held.
    public private(set) var activeSince: Timestamp
    public private(set) var firedAt: Timestamp?
    public private(set) var resolvedAt: Timestamp?
    /// When the condition ended; nil while it holds.
    private var endedAt: Timestamp?

    public init(activeSince: Timestamp) {
        self.activeSince = activeSince
    }

    /// The condition holds (again).
    public mutating func raise() { endedAt = nil }

    /// The condition does not hold any more.
    public mutating func end(at: Timestamp) { endedAt = endedAt ?? at }

    /// Whether the condition holds.
    public var isActive: Bool { endedAt == nil }

    /// Moves on to `at`. Call it after `raise` or `end`, and when `deadline` has come.
    public mutating func step(at: Timestamp, hold: Duration, keepFiring: Duration) -> Transition? {
        switch phase {
        case .pending:
            if (endedAt ?? at) >= activeSince + hold {
                phase = .firing
                firedAt = at
                return .fired
            }
            return isActive ? nil : .dropped
        case .firing:
            guard let endedAt, at >= endedAt + keepFiring else { return nil }
            phase = .resolved
            resolvedAt = at
            return .resolved
        case .resolved: return nil
        }
    }

    /// When time alone will change it; nil for never.
    public func deadline(hold: Duration, keepFiring: Duration) -> Timestamp? {
        switch phase {
        case .pending: endedAt ?? activeSince + hold
        case .firing: endedAt.map { $0 + keepFiring }
        case .resolved: nil
        }
    }
}

extension Timestamp {
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(nanoseconds: time.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(nanoseconds: try Int64(from: decoder))
    }

    public func encode(to encoder: any Encoder) throws { try nanoseconds.encode(to: encoder) }
}
