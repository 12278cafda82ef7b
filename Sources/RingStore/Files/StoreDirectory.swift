import Glibc

/// A directory that belongs to one store at a time.
final class StoreDirectory: Sendable {
    let path: String
    private let lock: Int32

    /// Nobody's file is larger.
    static let maximumFileSize = 256 << 20
    static let lockName = "lock"

    /// Makes the directory if its parent is there, and locks it. The lock goes with the process, however that ends.
    ///
    /// - Throws: EWOULDBLOCK when another process has it.
    init(locking path: String) throws(SystemError) {
        self.path = path
        if unsafe mkdir(path, 0o750) != 0 {
            let failure = SystemError.last("make", path)
            guard failure.code == EEXIST else { throw failure }
        }
        let name = path + "/" + Self.lockName
        lock = unsafe Glibc.open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard lock >= 0 else { throw SystemError.last("open", name) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(lock) }
            throw SystemError.last("lock", name)
        }
    }

    /// For reading what somebody else's store holds.
    init(reading path: String) {
        self.path = path
        lock = -1
    }

    deinit { if lock >= 0 { close(lock) } }

    /// Lets another have it.
    func unlock() { _ = flock(lock, LOCK_UN) }

    /// The names that end like this, sorted. Numbers in them have leading zeros.
    func names(_ ending: String) throws(SystemError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw SystemError.last("list", path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            // A store's own names have nothing else, and so nothing that a terminal or a log could not show.
            guard name.utf8.allSatisfy({ (45...57).contains($0) || (97...122).contains($0) }) else { continue }
            if name.hasSuffix(ending) { names.append(name) }
        }
        return names.sorted()
    }

    /// Why its names cannot be read; nil when they can.
    var unreadable: SystemError? {
        do throws(SystemError) {
            _ = try names(Self.lockName)
            return nil
        } catch {
            return error
        }
    }

    func read(_ name: String) throws(SystemError) -> [UInt8] {
        let file = path + "/" + name
        let descriptor = unsafe Glibc.open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError.last("open", file) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError.last("stat", file) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.maximumFileSize else {
            throw SystemError(operation: "read", path: file, code: EFBIG)
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let result = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(descriptor, $0.baseAddress! + count, $0.count - count, off_t(count))
            }
            if result < 0 {
                let failure = SystemError.last("read", file)
                guard failure.code == EINTR else { throw failure }
                continue
            }
            if result == 0 { break }
            count += result
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    /// Writes a file whole: under its name there is all of it or nothing.
    func write(_ name: String, _ parts: [[UInt8]]) throws(SystemError) {
        let file = path + "/" + name
        let new = file + ".tmp"
        unsafe unlink(new)
        let descriptor = unsafe Glibc.open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw SystemError.last("create", new) }
        do throws(SystemError) {
            defer { close(descriptor) }
            var offset = 0
            for part in parts { try Self.write(part, descriptor, at: &offset, new) }
            guard fdatasync(descriptor) == 0 else { throw SystemError.last("sync", new) }
        } catch {
            unsafe unlink(new)
            throw error
        }
        guard unsafe rename(new, file) == 0 else {
            defer { unsafe unlink(new) }
            throw SystemError.last("rename", new)
        }
    }

    private static func write(
        _ bytes: [UInt8], _ descriptor: Int32, at offset: inout Int, _ file: String
    ) throws(SystemError) {
        var count = 0
        while count < bytes.count {
            let result = unsafe bytes.withUnsafeBytes {
                unsafe pwrite(descriptor, $0.baseAddress! + count, $0.count - count, off_t(offset + count))
            }
            if result < 0 {
                let failure = SystemError.last("write", file)
                guard failure.code == EINTR else { throw failure }
                continue
            }
            count += result
        }
        offset += count
    }

    /// Renames a file so that it is not taken in again, and stays for whoever wants to know.
    ///
    /// - Returns: its new name, or nil when it could not be renamed.
    func setAside(_ name: String, _ reason: String) -> String? {
        let new = name + "." + reason
        return unsafe rename(path + "/" + name, path + "/" + new) == 0 ? new : nil
    }

    func remove(_ name: String) { _ = unsafe unlink(path + "/" + name) }
}

extension Origin {
    /// The name of a log's or block's file.
    func name(_ ending: String) -> String {
        let digits = String(sequence)
        return "tier\(tier)-" + String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ending
    }
}
