import Glibc
import VexportCore

/// Whether a program may be run: only who vexport trusts anyway can have written it.
enum TrustedFile {
    /// Looks at a program, and at every directory on the way to it. A symbolic link is followed, and both ways are looked
    /// at.
    ///
    /// - Throws: what is wrong with which of them.
    static func check(_ path: String) throws(PluginFailure) {
        guard path.hasPrefix("/") else { throw PluginFailure("\(shown(path)): not an absolute path") }
        guard let resolved = unsafe realpath(path, nil) else {
            throw PluginFailure(shown(path), errno: SystemError.last)
        }
        defer { unsafe free(resolved) }
        let real = unsafe String(cString: resolved)
        for way in Set([path, real]) {
            var place = ""
            try checkOne("/")
            for part in way.split(separator: "/") {
                place += "/\(part)"
                try checkOne(place)
            }
        }
    }

    private static func checkOne(_ path: String) throws(PluginFailure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw PluginFailure(shown(path), errno: SystemError.last) }
        // In a user namespace the host's root may be a stranger: whoever owns `/` can do anything anyway.
        var root = stat()
        guard unsafe lstat("/", &root) == 0 else { throw PluginFailure("/", errno: SystemError.last) }
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
    }

    private static func shown(_ path: String) -> String { EscapedText(path.utf8).description }
}
