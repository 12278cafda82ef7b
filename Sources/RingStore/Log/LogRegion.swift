import Glibc
import Synchronization

/// The memory of one log: a file on tmpfs, mapped, or memory of this process alone.
///
/// Memory is allotted as the log grows, never when it is touched: a mapped file for which there is no room kills the
/// process by SIGBUS, so room is asked for first. There is one writer, under its owner's lock, and readers stay below what
/// is committed.
@safe final class LogRegion: @unchecked Sendable {  // one writer, under its owner's lock; what is committed stays
    let capacity: Int
    /// nil for memory of this process alone.
    let path: String?
    private let base: UnsafeMutableRawPointer
    private let descriptor: Int32
    /// Bytes that may be touched.
    private(set) var allotted = 0

    static let unpublishedEnding = ".tmp"
    private static let step = 256 << 10
    private static let committedOffset = LogHeader.byteCount - 8

    /// Memory of this process alone, gone with it.
    init(capacity: Int) {
        let memory = unsafe mmap(
            nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        precondition(unsafe memory != MAP_FAILED, "\(SystemError.last("mmap", "\(capacity) bytes"))")
        self.capacity = capacity
        unsafe base = memory!
        path = nil
        descriptor = -1
    }

    /// A new file. Until it is published it has another name, so that nobody finds a log without a header.
    init(path: String, capacity: Int) throws(SystemError) {
        let name = path + Self.unpublishedEnding
        let descriptor = unsafe open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw SystemError.last("create", name) }
        guard ftruncate(descriptor, off_t(capacity)) == 0 else {
            defer { close(descriptor) }
            throw SystemError.last("extend", name)
        }
        let memory = unsafe mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard unsafe memory != MAP_FAILED else {
            defer { close(descriptor) }
            throw SystemError.last("map", name)
        }
        self.capacity = capacity
        self.path = path
        self.descriptor = descriptor
        unsafe base = memory!
    }

    deinit {
        unsafe munmap(base, capacity)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Gives the file its name.
    func publish() throws(SystemError) {
        guard let path else { return }
        guard unsafe rename(path + Self.unpublishedEnding, path) == 0 else { throw SystemError.last("rename to", path) }
    }

    /// Makes sure that the first `end` bytes may be touched.
    func allot(_ end: Int) throws(SystemError) {
        guard end > allotted else { return }
        let wanted = Self.allotted(for: end, of: capacity)
        if descriptor >= 0 {
            let result = posix_fallocate(descriptor, off_t(allotted), off_t(wanted - allotted))
            guard result == 0 else { throw SystemError(operation: "allot", path: path ?? "", code: result) }
        }
        allotted = wanted
    }

    /// How many bytes a log that ends there has been given. Its file seems to have all of its capacity.
    static func allotted(for end: Int, of capacity: Int) -> Int { min((end + step - 1) / step * step, capacity) }

    /// Where the log ends for those who read it. What is written before is seen before, also after a kill.
    var committed: Int {
        get { Int(unsafe counter.pointee.load(ordering: .acquiring)) }
        set { unsafe counter.pointee.store(UInt64(newValue), ordering: .releasing) }
    }

    private var counter: UnsafeMutablePointer<Atomic<UInt64>> {
        unsafe (base + Self.committedOffset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// What may be written to.
    var writable: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: base, count: allotted)
    }

    /// The first `count` bytes, which are committed and do not change any more.
    @_lifetime(borrow self)
    func bytes(_ count: Int) -> RawSpan {
        let span = unsafe RawSpan(_unsafeStart: base, byteCount: min(count, allotted))
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}
