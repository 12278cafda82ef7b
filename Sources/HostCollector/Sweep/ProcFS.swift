import Glibc
import VexportCore

/// Reads /proc. What is gone or forbidden is nil or empty: processes end all the time.
struct ProcFS {
    private static let root = "/proc/"

    /// Entries whose names are numbers, with the inodes that the directory gives them.
    func numbers(in path: String = "") -> [(number: Int32, inode: UInt64)] {
        guard let directory = unsafe opendir(Self.root + path) else { return [] }
        defer { unsafe closedir(directory) }
        let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
        var numbers: [(Int32, UInt64)] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
            guard let number = unsafe UnsafeBufferPointer(start: name, count: strnlen(name)).number,
                let number = Int32(exactly: number)
            else { continue }
            numbers.append((number, unsafe UInt64(entry.pointee.d_ino)))
        }
        return numbers
    }

    /// Whether a directory may be listed; nil when it is not there.
    func mayList(_ path: String) -> Bool? {
        let descriptor = unsafe Glibc.open(Self.root + path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == EACCES || errno == EPERM ? false : nil }
        close(descriptor)
        return true
    }

    /// The descriptors in a directory such as `1/fd` that may be of taps: of /dev/net/tun, or a macvtap's /dev/tap7, as a whole
    /// or mounted elsewhere in the process' own view of the files; and how many there are in all, `limit` at most.
    ///
    /// The innermost loop of a sweep: nothing here allocates memory for a descriptor.
    func mayBeTaps(in path: String, limit: Int) -> Look<(taps: [Int32], count: Int)> {
        guard let directory = unsafe opendir(Self.root + path) else { return .failed() }
        defer { unsafe closedir(directory) }
        let handle = unsafe dirfd(directory)
        let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
        var (taps, count, isRefused): ([Int32], Int, Bool) = ([], 0, false)
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.longestTarget, alignment: 1) { target in
            while count < limit, let entry = unsafe readdir(directory) {
                let name = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
                guard unsafe name.pointee != CChar(bitPattern: UInt8(ascii: ".")) else { continue }
                count += 1
                let length = unsafe readlinkat(
                    handle, name, target.baseAddress!.assumingMemoryBound(to: CChar.self), target.count)
                if length < 0, errno == EACCES || errno == EPERM {
                    // Of this user, who may list them, but with more rights.
                    isRefused = true
                    return
                }
                guard unsafe Self.mayBeTap(UnsafeRawBufferPointer(target), length) else { continue }
                taps.append(Int32(unsafe atoi(name)))
            }
        }
        return isRefused ? .refused : .found((taps, count))
    }

    private static let longestTarget = 64
    private static let tunSuffix: StaticString = "/net/tun"
    private static let macvtapPrefix: StaticString = "/tap"

    private static func mayBeTap(_ target: UnsafeRawBufferPointer, _ length: Int) -> Bool {
        if unsafe target.ends(length, in: tunSuffix) { return true }
        var end = length
        while end > 0, unsafe (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(target[end - 1]) { end -= 1 }
        return unsafe end < length && target.ends(end, in: macvtapPrefix)
    }

    /// How many threads a process has, by the links of its directory `task`; nil when it is gone.
    func threads(of pid: String) -> Int? {
        var status = stat()
        guard unsafe stat(Self.root + pid + "/task", &status) == 0 else { return nil }
        // Beside one for each thread it has its own and its name's.
        return Int(status.st_nlink) - 2
    }

    /// A file's contents, `limit` bytes at most.
    func read(_ path: String, limit: Int = 4096) -> [UInt8]? { Self.read(file: Self.root + path, limit: limit) }

    /// A file anywhere.
    static func read(file path: String, limit: Int) -> [UInt8]? {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var total = 0
        return unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            while total < limit {
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress! + total, limit - total)
                if got <= 0 { break }
                total += got
            }
            count = total
        }
    }

    /// What came of a look.
    enum Look<Value> {
        case found(Value)
        case gone
        case refused

        /// By the errno that the system call before left.
        static func failed() -> Look { errno == EACCES || errno == EPERM ? .refused : .gone }
    }

    /// What a symbolic link says, `longestTarget` bytes at most, without following it: what it leads to may be a file system that does
    /// not answer.
    func target(of link: String) -> Look<[UInt8]> { Self.target(ofFile: Self.root + link, limit: Self.longestTarget) }

    /// A link anywhere.
    static func target(ofFile link: String, limit: Int) -> Look<[UInt8]> {
        var count = 0
        let target = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            count = unsafe readlink(link, UnsafeMutableRawPointer(buffer.baseAddress!), buffer.count)
            initialized = max(count, 0)
        }
        return count < 0 ? .failed() : .found(target)
    }

    /// The file behind a link to a namespace.
    func look(at link: String) -> Look<NamespaceFile> {
        var status = stat()
        guard unsafe stat(Self.root + link, &status) == 0 else { return .failed() }
        return .found(NamespaceFile(status))
    }

    func namespace(_ link: String) -> NamespaceFile? {
        if case .found(let file) = look(at: link) { file } else { nil }
    }

    /// Opens the namespace that a thread lives in.
    ///
    /// - Returns: nil when it lives in another one, or its namespaces are not shown.
    func open(_ namespace: NamespaceFile, of thread: Int32) -> Int32? {
        let descriptor = unsafe Glibc.open(Self.root + "\(thread)/ns/net", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        if NamespaceFile(descriptor: descriptor) == namespace.place { return descriptor }
        close(descriptor)
        return nil
    }

    /// Whether these are the host's processes, not those of a PID namespace. Source: PROC_PID_INIT_INO.
    var seesAllProcesses: Bool { namespace("self/ns/pid")?.inode == 0xefff_fffc }

    /// Whether it matters little that a process does not let itself be looked at: init stays in the host's namespace, and
    /// one that has ended is in none and holds nothing.
    func isExcused(_ pid: Int32) -> Bool {
        if pid == 1 { return true }
        return read("\(pid)/stat").flatMap(ProcessStatus.init)?.isAlive != true
    }
}

extension NamespaceFile {
    init(_ status: stat) {
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// nil for what is no open file.
    init?(descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the first `length` bytes end in a text.
    fileprivate func ends(_ length: Int, in text: StaticString) -> Bool {
        let start = length - text.utf8CodeUnitCount
        return unsafe start >= 0 && memcmp(baseAddress! + start, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
}

private func strnlen(_ name: UnsafePointer<UInt8>) -> Int {
    unsafe Glibc.strnlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), 256)
}

private func readlink(_ path: String, _ buffer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    unsafe Glibc.readlink(path, buffer.assumingMemoryBound(to: CChar.self), size)
}
