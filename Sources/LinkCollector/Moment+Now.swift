import Glibc
import VexportCore

extension Moment {
    /// Both clocks, read one after the other.
    static func now() -> Moment {
        Moment(timestamp: Timestamp(nanoseconds: read(CLOCK_REALTIME)), instant: .now)
    }
}

/// The processor time this thread has used.
func threadProcessorTime() -> Duration { .nanoseconds(read(CLOCK_THREAD_CPUTIME_ID)) }

private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
