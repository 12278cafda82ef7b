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
        let descriptor = unsafe open(Self.root + path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == EACCES || errno == EPERM ? false : nil }
        close(descriptor)
        return true
    }

    /// A file's contents, `limit` bytes at most.
    func read(_ path: String, limit: Int = 4096) -> [UInt8]? { Self.read(file: Self.root + path, limit: limit) }

    /// A file anywhere.
    static func read(file path: String, limit: Int) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
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

    /// What a symbolic link says, without following it: what it leads to may be a file system that does not answer.
    func isTun(_ link: String) -> Bool {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
            let count = unsafe readlink(Self.root + link, UnsafeMutableRawPointer(buffer.baseAddress!), buffer.count)
            // Whole, or mounted elsewhere in the process' own view of the files.
            return unsafe count > 0 && buffer.prefix(count).hasSuffix("/net/tun")
        }
    }

    /// The file behind a link to a namespace.
    func namespace(_ link: String) -> NamespaceFile? {
        var status = stat()
        guard unsafe stat(Self.root + link, &status) == 0 else { return nil }
        return NamespaceFile(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}

private func strnlen(_ name: UnsafePointer<UInt8>) -> Int {
    unsafe Glibc.strnlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), 256)
}

private func readlink(_ path: String, _ buffer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    unsafe Glibc.readlink(path, buffer.assumingMemoryBound(to: CChar.self), size)
}
