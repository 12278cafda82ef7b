import Glibc
import VexportCore

/// Reads the `*.prom` files of some directories, each again only when it has changed.
struct TextDirectory {
    /// Bytes of one file.
    static let largestFile = 16 << 20
    /// Of all directories.
    static let mostFiles = 1_000

    /// What was found.
    struct Reading {
        /// Of the files that could be read, in the order of directories and names.
        var files: [(path: String, modified: Timestamp, families: [ForeignFamily])] = []
        /// Each with its place.
        var problems: [String] = []
    }

    private struct Version: Equatable {
        var device: UInt64
        var inode: UInt64
        var size: Int
        var modified: Timestamp
    }

    private struct Known {
        var version: Version
        var families: Result<[ForeignFamily], PluginFailure>
    }

    private var known: [String: Known] = [:]

    /// Reads what is there now. Blocks as long as the disk does.
    ///
    /// - Parameter patterns: directories, with `*`, `?` and `[]` as in a shell.
    mutating func read(_ patterns: [String]) -> Reading {
        var reading = Reading()
        var seen: [String: Known] = [:]
        for directory in patterns.flatMap(Self.expand) {
            do throws(PluginFailure) {
                for name in try Self.names(in: directory) {
                    let path = "\(directory)/\(name)"
                    guard seen[path] == nil else { continue }
                    guard seen.count < Self.mostFiles else {
                        throw PluginFailure("more than \(Self.mostFiles) files; those beyond are not read")
                    }
                    guard let (version, families) = look(at: path) else { continue }
                    seen[path] = Known(version: version, families: families)
                    switch families {
                    case .success(let families): reading.files.append((path, version.modified, families))
                    case .failure(let failure): reading.problems.append("\(EscapedText(path.utf8)): \(failure)")
                    }
                }
            } catch {
                reading.problems.append("\(EscapedText(directory.utf8)): \(error)")
            }
        }
        known = seen
        return reading
    }

    /// - Returns: nil for a file that went away meanwhile.
    private func look(at path: String) -> (Version, Result<[ForeignFamily], PluginFailure>)? {
        // A fifo must not make anybody wait.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let error = SystemCallError.last("open")
            if error.code == ENOENT { return nil }
            let version = Version(device: 0, inode: 0, size: 0, modified: Timestamp(nanoseconds: 0))
            return (version, .failure(PluginFailure(error)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        let version = Version(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int(status.st_size),
            modified: Timestamp(
                nanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)))
        if let known = known[path], known.version == version { return (version, known.families) }
        return (version, Self.parse(descriptor, isRegular: status.st_mode & S_IFMT == S_IFREG, path))
    }

    private static func parse(
        _ descriptor: Int32, isRegular: Bool, _ path: String
    ) -> Result<[ForeignFamily], PluginFailure> {
        guard isRegular else { return .failure(PluginFailure("not a regular file")) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { return .failure(PluginFailure(.last("read"))) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= largestFile else {
                return .failure(PluginFailure("larger than \(largestFile) bytes"))
            }
        }
        do throws(MetricProblem) {
            let families = try MetricText.parse(bytes)
            return .success(families.map { $0.withHelp("Metric read from \(EscapedText(path.utf8))") })
        } catch { return .failure(PluginFailure("\(error)")) }
    }

    /// Directories that a pattern stands for; the pattern itself when there is none, so that its absence is told.
    private static func expand(_ pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, GLOB_NOMAGIC, nil, &found) == 0 else { return [pattern] }
        return unsafe (0..<Int(found.gl_pathc)).map { unsafe String(cString: found.gl_pathv[$0]!) }
    }

    private static func names(in directory: String) throws(PluginFailure) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            throw PluginFailure(.last("open the directory"))
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name, name.hasSuffix(".prom") { names.append(name) }
        }
        return names.sorted()
    }
}
