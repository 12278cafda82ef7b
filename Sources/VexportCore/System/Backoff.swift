/// Decides how long to wait before something that ended is started again. Time is a parameter.
public struct Backoff: Equatable, Sendable {
    public var first: Duration
    public var longest: Duration
    private var failures = 0

    /// - Parameters:
    ///   - first: the first wait; each is twice the one before.
    ///   - longest: the longest wait.
    public init(first: Duration, longest: Duration) {
        (self.first, self.longest) = (first, longest)
    }

    /// - Parameter ran: how long it ran. One that ran for longer than the longest wait did its work, and begins anew.
    public mutating func wait(ran: Duration) -> Duration {
        if ran > longest { failures = 0 }
        defer { failures = min(failures + 1, 20) }
        return min(longest, first * (1 << failures))
    }
}
