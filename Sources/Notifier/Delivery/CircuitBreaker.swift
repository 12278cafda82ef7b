import VexportCore

/// Keeps a receiver that fails again and again from being tried with everything that waits: after some failures in a
/// row it gets a rest, and then one try that decides.
struct CircuitBreaker: Equatable, Sendable {
    /// Failures in a row that open it.
    static let failures = 5
    static let firstRest = Duration.seconds(30)
    static let longestRest = Duration.seconds(300)

    private var failuresInARow = 0
    private(set) var openUntil: Timestamp?

    func allows(at: Timestamp) -> Bool { openUntil.map { at >= $0 } ?? true }

    mutating func succeeded() { self = CircuitBreaker() }

    mutating func failed(at: Timestamp) {
        failuresInARow += 1
        guard failuresInARow >= Self.failures else { return }
        let doublings = min(failuresInARow - Self.failures, 8)
        openUntil = at + min(Self.longestRest, Self.firstRest * (1 << doublings))
    }
}
