/// Decides when to do again what takes a while and must take no more than its share of the time. Time is a parameter.
struct Pace {
    typealias Instant = ContinuousClock.Instant

    /// Between the beginnings of rounds that nobody asked for.
    var interval: Duration
    private let share: Int
    /// When the last one began; nil before the first.
    private var last: Instant?
    private var isRequested = false
    private var allowedAt: Instant

    /// - Parameter share: at most one part in so many of the time is spent on rounds.
    init(interval: Duration, share: Int, start: Instant) {
        self.interval = interval
        self.share = share
        allowedAt = start
    }

    /// Somebody needs a round soon.
    mutating func request() {
        isRequested = true
    }

    /// How long to wait for the next; zero when it is due.
    func delay(at now: Instant) -> Duration {
        let due = isRequested ? now : last.map { $0 + interval } ?? now
        return max(max(due, allowedAt) - now, .zero)
    }

    /// One that began at `started` is over.
    ///
    /// - Parameter work: what of it counts; nil for all of it.
    mutating func ended(started: Instant, work: Duration? = nil, at now: Instant) {
        last = started
        isRequested = false
        allowedAt = now + (work ?? now - started) * (share - 1)
    }
}
