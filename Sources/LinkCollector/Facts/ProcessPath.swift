import Glibc
import VexportCore

/// A process, by its directory in /proc.
struct ProcessPath {
    let pid: Int32
    let path: FilePath

    var name: ProcessName {
        let command = path.entry("comm").contents(limit: 64) ?? []
        return ProcessName(pid: pid, command: EscapedText(command.prefix { $0 != UInt8(ascii: "\n") }))
    }

    /// Where the namespaces of all its threads are to be seen. The leader's is not enough: another may live elsewhere.
    var namespacePaths: [FilePath] {
        let threads = path.entry("task")
        // Its links are itself, its name, and one for each thread.
        guard let count = threads.status?.st_nlink, count > 3 else { return [path.entry("ns/net")] }
        var paths: [FilePath] = []
        threads.forEachEntry { paths.append(threads.entry($0).entry("ns/net")) }
        return paths
    }

    /// Whether it matters little that it does not let itself be looked at: init stays in the host's namespace, and a
    /// zombie is in none and holds nothing.
    var isExcused: Bool {
        if pid == 1 { return true }
        guard let text = path.entry("stat").contents(limit: 512) else { return true }
        // The state follows the name in parentheses, which may hold any.
        let rest = text.lastIndex(of: UInt8(ascii: ")")).map { text[$0...].dropFirst(2) }
        return rest?.first == UInt8(ascii: "Z")
    }
}
