/// How long a plugin's program that ended is left alone before its next start: twice as long each time.
struct Backoff: Equatable, Sendable {
    var first = Duration.seconds(1)
    var longest = Duration.seconds(60)
    private var failures = 0

    init() {}

    /// - Parameter ran: how long it ran. One that ran for longer than the longest wait begins anew.
    mutating func wait(ran: Duration) -> Duration {
        if ran > longest { failures = 0 }
        defer { failures = min(failures + 1, 20) }
        return min(longest, first * (1 << failures))
    }
}
