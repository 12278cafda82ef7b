import Glibc

/// The socket on which systemd listens for the daemon, where a socket unit says so. Source: sd_listen_fds(3).
enum InheritedSocket {
    /// SD_LISTEN_FDS_START.
    private static let first: CInt = 3

    /// - Parameter environment: LISTEN_PID, the process that sockets are for, and LISTEN_FDS, how many there are.
    /// - Returns: the socket's descriptor, nil when there is none for this process.
    /// - Throws: when there are several, since the daemon would serve one and leave the clients of the others waiting.
    static func find(environment: (String) -> String?, processID: Int32) throws(Excess) -> CInt? {
        guard environment("LISTEN_PID").flatMap({ Int32($0) }) == processID,
            let count = environment("LISTEN_FDS").flatMap({ Int($0) }), count > 0
        else { return nil }
        guard count == 1 else { throw Excess(count: count) }
        return first
    }

    /// That of this process, which no program that it starts gets.
    static func take() throws(Excess) -> CInt? {
        let descriptor = try find(
            environment: { unsafe getenv($0).map { unsafe String(cString: $0) } }, processID: getpid())
        if let descriptor { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return descriptor
    }

    struct Excess: Error, CustomStringConvertible {
        let count: Int

        var description: String {
            "the service manager hands over \(count) sockets: one is served; give its socket unit one ListenStream"
        }
    }
}
