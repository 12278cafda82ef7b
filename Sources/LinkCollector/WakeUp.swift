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

    /// Waits for a signal, for `descriptor` to have something to read, or for `timeout` (nil: for ever).
    func wait(for descriptor: Int32? = nil, timeout: Duration? = nil) {
        var polled = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if let descriptor { polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)) }
        // Rounded up, so that a deadline has passed when poll returns for it.
        let milliseconds = timeout.map { Int32(min(max($0.seconds * 1000, 0).rounded(.up), 60_000)) } ?? -1
        _ = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(readEnd, &bytes, bytes.count) == bytes.count {}
    }
}
