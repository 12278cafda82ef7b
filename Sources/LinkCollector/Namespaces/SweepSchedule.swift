/// Decides when to look through /proc for namespaces. Time is a parameter.
struct SweepSchedule {
    typealias Instant = ContinuousClock.Instant

    /// Between sweeps that nobody asked for: nothing tells of a namespace that has neither a name nor a link to another.
    static let interval = Duration.seconds(30)
    /// Sweeps take at most this part of the time.
    static let share = 100

    private var next: Instant
    private var allowedAt: Instant

    init(start: Instant) {
        next = start
        allowedAt = start
    }

    /// Somebody needs one soon.
    mutating func request(at now: Instant) {
        next = min(next, now)
    }

    /// How long to wait for the next; zero when it is due.
    func delay(at now: Instant) -> Duration { max(max(next, allowedAt) - now, .zero) }

    /// One took from `started` to `now`.
    mutating func ended(started: Instant, at now: Instant) {
        next = now + Self.interval
        allowedAt = now + (now - started) * (Self.share - 1)
    }
}
