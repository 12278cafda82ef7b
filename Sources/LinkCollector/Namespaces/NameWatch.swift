import Glibc
import VexportCore

/// Watches the names in /run/netns by inotify, and tells when mounts change: a name is made in two steps, a plain file and
/// a mount over it, and inotify sees the first only.
final class NameWatch {
    enum Event {
        case added([UInt8])
        case removed([UInt8])
        /// Too much happened, or the directory came or went: look at all names.
        case unclear
    }

    static let directory = "/run/netns"
    private static let parent = "/run"

    let descriptor: Int32
    let mounts: Int32
    /// The watch on the directory, or on its parent while it is not there.
    private var watch: Int32 = -1
    private var watchesParent = false

    /// - Throws: `SystemCallError` when the kernel gives no descriptors.
    init() throws(SystemCallError) {
        descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0 else { throw SystemCallError.last("inotify_init1") }
        mounts = unsafe open("/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard mounts >= 0 else {
            let code = errno
            close(descriptor)
            throw SystemCallError("open /proc/thread-self/mountinfo", code)
        }
        begin()
    }

    deinit {
        close(descriptor)
        close(mounts)
    }

    private func begin() {
        let mask = UInt32(IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)
        let names = mask | UInt32(IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF)
        watch = unsafe inotify_add_watch(descriptor, Self.directory, names)
        watchesParent = watch < 0
        if watchesParent { watch = unsafe inotify_add_watch(descriptor, Self.parent, mask) }
    }

    /// Reads what has happened.
    func read() -> [Event] {
        var events: [Event] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while case let count = unsafe Glibc.read(descriptor, &buffer, buffer.count), count > 0 {
            var offset = 0
            while offset + 16 <= count {
                let (watch, mask, length) = (
                    field(buffer, offset), field(buffer, offset + 4), field(buffer, offset + 12)
                )
                let name = buffer[(offset + 16)..<min(offset + 16 + Int(length), count)].prefix { $0 != 0 }
                offset += 16 + Int(length)
                take(Int32(bitPattern: watch), mask, Array(name), &events)
            }
        }
        return events
    }

    private func take(_ watch: Int32, _ mask: UInt32, _ name: [UInt8], _ events: inout [Event]) {
        if mask & UInt32(IN_Q_OVERFLOW) != 0 { return events.append(.unclear) }
        guard watch == self.watch else { return }  // of a watch that has ended
        if watchesParent {
            guard name == Array("netns".utf8) else { return }
            inotify_rm_watch(descriptor, watch)
            begin()
            events.append(.unclear)
        } else if mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) != 0 {
            if mask & UInt32(IN_MOVE_SELF) != 0 { inotify_rm_watch(descriptor, watch) }
            begin()
            events.append(.unclear)
        } else if mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0 {
            events.append(.added(name))
        } else {
            events.append(.removed(name))
        }
    }

    private func field(_ buffer: [UInt8], _ offset: Int) -> UInt32 {
        unsafe buffer.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }
}
