import Glibc

/// Tells systemd, or whoever started vexport as it would, how the daemon is. Source: sd_notify(3).
///
/// One datagram a message to the socket that the environment names: no library is needed for that.
struct ServiceManager: Sendable {
    /// How often the manager wants to hear that the daemon is alive, halved; nil when it does not.
    let watchdogInterval: Duration?
    private let address: [UInt8]

    /// - Parameter environment: NOTIFY_SOCKET, a path or `@` and an abstract name; WATCHDOG_USEC, and WATCHDOG_PID if it
    ///   means another process.
    /// - Returns: nil when nobody wants to be told.
    init?(environment: (String) -> String?, processID: Int32) {
        guard let name = environment("NOTIFY_SOCKET"), name.hasPrefix("/") || name.hasPrefix("@"), name.utf8.count > 1,
            name.utf8.count < Self.longestName
        else { return nil }
        // The kernel's abstract names begin with a zero byte.
        address = Array(name.hasPrefix("@") ? [0] + name.utf8.dropFirst() : Array(name.utf8))
        let isMeant = environment("WATCHDOG_PID").map { Int32($0) == processID } ?? true
        watchdogInterval = environment("WATCHDOG_USEC").flatMap { Int64($0) }.flatMap {
            isMeant && $0 > 1 ? .microseconds($0 / 2) : nil
        }
    }

    /// From this process' own environment.
    init?() {
        self.init(environment: { unsafe getenv($0).map { unsafe String(cString: $0) } }, processID: getpid())
    }

    /// sizeof(sockaddr_un.sun_path).
    private static let longestName = 108

    /// Sends `state`, lines of `NAME=value`.
    ///
    /// - Returns: the errno of a send that failed, which the daemon survives.
    @discardableResult
    func notify(_ state: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: address) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
        let message = Array(state.utf8)
        let sent = unsafe withUnsafePointer(to: &target) { target in
            unsafe target.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                unsafe sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), target, length)
            }
        }
        return sent < 0 ? errno : nil
    }
}
