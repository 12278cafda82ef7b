import Glibc

/// Wakes a thread that waits in poll().
public final class WakeUp: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    /// - Throws: `SystemCallError` when the process has no descriptors left.
    public init() throws(SystemCallError) {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw .last("open a socket pair") }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    public func signal() {
        var byte: UInt8 = 0
        _ = unsafe write(writeEnd, &byte, 1)  // a full pipe wakes as well
    }

    /// What to wait for beside a signal.
    public enum Source: Sendable {
        /// Something to read.
        case readable(Int32)
        /// Room to write.
        case writable(Int32)
        /// A change of the mounts: what /proc/self/mountinfo tells its pollers.
        case mounts(Int32)
    }

    /// Waits for a signal, for one of `sources`, or for `timeout` (nil: for ever), a minute at most.
    ///
    /// - Returns: which of the sources have come, in their order.
    @discardableResult
    public func wait(for sources: [Source] = [], timeout: Duration? = nil) -> [Bool] {
        var polled = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        for source in sources {
            switch source {
            case .readable(let descriptor): polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            case .writable(let descriptor): polled.append(pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0))
            case .mounts(let descriptor): polled.append(pollfd(fd: descriptor, events: Int16(POLLPRI), revents: 0))
            }
        }
        // Rounded up, so that a deadline has passed when poll returns for it.
        let milliseconds = timeout.map { Int32(min(max($0.seconds * 1000, 0).rounded(.up), 60_000)) } ?? -1
        _ = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(readEnd, &bytes, bytes.count) == bytes.count {}
        return polled.dropFirst().map { $0.revents != 0 }
    }

    /// The same until a deadline.
    ///
    /// - Parameter deadline: nil for none.
    @discardableResult
    public func wait(for sources: [Source] = [], until deadline: ContinuousClock.Instant?) -> [Bool] {
        wait(for: sources, timeout: deadline.map { $0 - .now })
    }
}
