import Glibc
import VexportCore

extension Timestamp {
    /// The wall clock now.
    static var now: Timestamp {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

extension Moment {
    /// Both clocks now.
    static var now: Moment { Moment(timestamp: .now, instant: .now) }
}
