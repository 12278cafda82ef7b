import Glibc

/// Wakes a thread that waits in poll().
final class WakeUp: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    /// - Throws: `CollectorError` when the process has no descriptors left.
    init() throws(CollectorError) {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw CollectorError("open a socket pair", errno) }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 0
        _ = unsafe write(writeEnd, &byte, 1)  // a full pipe wakes as well
    }

    /// What to wait for beside a signal.
    enum Source {
        /// Something to read.
        case readable(Int32)
        /// A change of the mounts: what /proc/self/mountinfo tells its pollers.
        case mounts(Int32)
    }

    /// Waits for a signal, for one of `sources`, or for `timeout` (nil: for ever).
    ///
    /// - Returns: which of the sources have come, in their order.
    @discardableResult
    func wait(for sources: [Source] = [], timeout: Duration? = nil) -> [Bool] {
        var polled = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        for source in sources {
            switch source {
            case .readable(let descriptor): polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
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
}
