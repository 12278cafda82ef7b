import Glibc
import VexportCore

/// The unix socket that commands talk to: bound by one process at a time, and unlinked when that ends in order.
///
/// A lock beside it says whether a socket file belongs to a living daemon: a daemon that was killed leaves its file behind.
public final class ControlSocket: Sendable {
    /// Listening; the server takes it and closes it.
    let descriptor: Int32
    public let path: String
    private let lock: Int32

    /// Read and write for the owner and the group: whoever may connect may change the daemon's state.
    private static let mode: mode_t = 0o660

    /// Binds and listens.
    ///
    /// - Parameter path: shorter than 108 bytes (sockaddr_un). Its directory is made if only that is missing.
    /// - Throws: `ControlSocketError`, in words that say which of the steps failed.
    public init(path: String) throws(ControlSocketError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else {
            throw ControlSocketError(path: path, reason: "a socket's path has 1 to \(room - 1) bytes")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            _ = unsafe mkdir(String(path[..<slash]), 0o755)  // what else is wrong with it, open() says
        }
        let lock = try Self.takeLock(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            let code = errno
            close(lock)
            throw ControlSocketError(path: path, errno: code)
        }
        // The mode before bind() is the widest that the file ever has; after it, it is the one wanted whatever the umask.
        fchmod(descriptor, Self.mode)
        let bound = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe unlink(path)
                return unsafe bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, unsafe chmod(path, Self.mode) == 0, listen(descriptor, 64) == 0 else {
            let code = errno
            close(descriptor)
            close(lock)
            throw ControlSocketError(path: path, errno: code)
        }
        self.descriptor = descriptor
        self.path = path
        self.lock = lock
    }

    /// Removes the file, and lets another process have the path.
    func remove() {
        unsafe unlink(path)
        close(lock)
    }

    /// The lock is the kernel's, so it ends with the process however that ends. Its file stays: unlinking it would let two
    /// processes hold two files of one name.
    private static func takeLock(_ path: String) throws(ControlSocketError) -> Int32 {
        let descriptor = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw ControlSocketError(path: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw ControlSocketError(path: path, errno: code) }
            throw ControlSocketError(
                path: path, reason: "another vexport is using it; give this one its own by --socket", isTaken: true)
        }
        return descriptor
    }
}

/// The unix socket can't be had.
public struct ControlSocketError: Error, CustomStringConvertible, Sendable {
    public let path: String
    public let reason: String
    /// Another daemon has it.
    public let isTaken: Bool

    init(path: String, reason: String, isTaken: Bool = false) {
        self.path = path
        self.reason = reason
        self.isTaken = isTaken
    }

    init(path: String, errno: Int32) {
        self.init(path: path, reason: SystemCallError.text(errno))
    }

    public var description: String { "can't listen on the socket \(path): \(reason)" }
}
