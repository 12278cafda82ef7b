import Glibc

extension Timestamp {
    /// The wall clock now. Source: CLOCK_REALTIME.
    public static var now: Timestamp { Timestamp(nanoseconds: read(CLOCK_REALTIME)) }
}

extension Moment {
    /// Both clocks, read one after the other.
    public static var now: Moment { Moment(timestamp: .now, instant: .now) }
}

/// The processor time that the calling thread has used. Source: CLOCK_THREAD_CPUTIME_ID.
public func threadProcessorTime() -> Duration { .nanoseconds(read(CLOCK_THREAD_CPUTIME_ID)) }

/// In nanoseconds.
private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
