import Glibc

/// A path as the kernel takes it: any bytes but NUL. Names in /run/netns need not be UTF-8.
struct FilePath: Hashable {
    /// With the NUL at its end.
    private var bytes: [CChar]

    init(_ path: String) {
        bytes = path.utf8CString.map(\.self)
    }

    /// The path of an entry in this directory.
    func entry(_ name: some Collection<UInt8>) -> FilePath {
        var path = self
        path.bytes.removeLast()
        path.bytes.append(CChar(bitPattern: UInt8(ascii: "/")))
        path.bytes.append(contentsOf: name.map { CChar(bitPattern: $0) })
        path.bytes.append(0)
        return path
    }

    func entry(_ name: String) -> FilePath { entry(name.utf8) }

    /// What stat(2) says of it, behind symbolic links; nil when it says no.
    var status: stat? {
        var status = stat()
        return unsafe stat(bytes, &status) == 0 ? status : nil
    }

    /// Opens it for `body` and closes it again; nil when it can't be opened.
    func withOpenFile<Result>(_ body: (Int32) -> Result?) -> Result? {
        // Without waiting for a writer, should it be a pipe.
        let descriptor = unsafe open(bytes, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return body(descriptor)
    }

    /// What is in it, `limit` bytes at most; nil when it can't be read.
    func text(limit: Int) -> String? {
        withOpenFile { descriptor in
            var bytes = [UInt8](repeating: 0, count: limit)
            var count = 0
            while count < limit {
                let more = unsafe bytes.withUnsafeMutableBytes {
                    unsafe read(descriptor, $0.baseAddress! + count, limit - count)
                }
                guard more >= 0 else { return nil }
                if more == 0 { break }
                count += more
            }
            return String(decoding: bytes[..<count], as: UTF8.self)
        }
    }

    /// Calls `body` with the name of each entry of this directory but `.` and `..`. An unreadable one has none.
    func forEachEntry(_ body: ([UInt8]) -> Void) {
        guard let directory = unsafe opendir(bytes) else { return }
        defer { unsafe closedir(directory) }
        let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
        while let entry = unsafe readdir(directory) {
            let start = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let name = unsafe UnsafeBufferPointer(start: start, count: strlen(start)).map { UInt8(bitPattern: $0) }
            if name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")] { body(name) }
        }
    }
}
