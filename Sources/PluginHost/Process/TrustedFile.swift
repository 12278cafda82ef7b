import Glibc
import VexportCore

/// Whether a program may be run: only who vexport trusts anyway can have written it.
enum TrustedFile {
    private static let mostLinks = 40

    /// Looks at a program, and at every directory and symbolic link on the way to it.
    ///
    /// - Throws: what is wrong with which of them.
    static func check(_ path: String) throws(PluginFailure) {
        guard path.hasPrefix("/") else { throw PluginFailure("\(shown(path)): not an absolute path") }
        _ = try checkOne("/")
        var rest = path.split(separator: "/")[...]
        var place: [Substring] = []
        var links = 0
        while let part = rest.popFirst() {
            if part == "." { continue }
            if part == ".." {
                _ = place.popLast()
                continue
            }
            let next = "/" + (place + [part]).joined(separator: "/")
            guard try checkOne(next) == S_IFLNK else {
                place.append(part)
                continue
            }
            links += 1
            guard links <= mostLinks else { throw PluginFailure("\(shown(path)): too many symbolic links") }
            let target = try readLink(next)
            if target.hasPrefix("/") { place = [] }
            rest = target.split(separator: "/") + rest
        }
    }

    /// - Returns: the kind of file it is.
    private static func checkOne(_ path: String) throws(PluginFailure) -> mode_t {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw PluginFailure(.last(shown(path))) }
        // In a user namespace the host's root may be a stranger: whoever owns `/` can do anything anyway.
        var root = stat()
        guard unsafe lstat("/", &root) == 0 else { throw PluginFailure(.last("/")) }
        guard [0, geteuid(), root.st_uid].contains(status.st_uid) else {
            throw PluginFailure(
                "\(shown(path)) belongs to user \(status.st_uid), who could change what runs: chown it to root")
        }
        let kind = status.st_mode & S_IFMT
        // Everybody may write to a symbolic link, so the kernel says, and nobody can. In a sticky directory such as /tmp
        // nobody can replace what is not theirs.
        let isSticky = kind == S_IFDIR && status.st_mode & S_ISVTX != 0
        guard kind == S_IFLNK || isSticky || status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw PluginFailure("\(shown(path)) may be written by others, who could change what runs: chmod go-w it")
        }
        return kind
    }

    private static func readLink(_ path: String) throws(PluginFailure) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(path, &buffer, buffer.count)
        guard count >= 0 else { throw PluginFailure(.last(shown(path))) }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func shown(_ path: String) -> String { EscapedText(path.utf8).description }
}
