/// Decides when to look through /proc for namespaces. Time is a parameter.
struct SweepSchedule {
    typealias Instant = ContinuousClock.Instant

    /// Sweeps take at most this part of the time.
    static let share = 100

    private let interval: Duration
    private var next: Instant
    private var allowedAt: Instant

    /// - Parameter interval: between sweeps that nobody asked for.
    init(interval: Duration, start: Instant) {
        self.interval = interval
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
        next = now + interval
        allowedAt = now + (now - started) * (Self.share - 1)
    }
}
