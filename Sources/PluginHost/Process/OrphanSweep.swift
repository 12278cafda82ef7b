import Glibc

/// Ends what plugins leave behind: processes that left their plugin's group, and whose parents have ended.
///
/// vexport adopts orphans (PR_SET_CHILD_SUBREAPER). Every plugin begins a session, which its processes can leave only for new
/// ones: a child of vexport in another session than vexport's own that is no plugin is such a process.
enum OrphanSweep {
    /// Kills the orphans there are, and buries the dead.
    ///
    /// - Parameter plugins: those that run.
    /// - Returns: the names of the programs that were killed, and whether some are still dying. Those that they leave behind
    ///   in turn are found by the next sweep.
    static func run(sparing plugins: Set<pid_t>) -> (killed: [String], isDone: Bool) {
        let session = getsid(0)
        var killed: [String] = []
        var isDone = true
        for pid in children() where !plugins.contains(pid) {
            guard case let its = getsid(pid), its >= 0, its != session else { continue }
            if waitpid(pid, nil, WNOHANG) == pid { continue }
            killed.append(read("/proc/\(pid)/comm").trimmingNewline)
            kill(pid, SIGKILL)
            isDone = waitpid(pid, nil, WNOHANG) == pid && isDone
        }
        return (killed, isDone)
    }

    /// The children of all of this process' threads. Source: /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN).
    private static func children() -> [pid_t] {
        guard let directory = unsafe opendir("/proc/self/task") else { return [] }
        defer { unsafe closedir(directory) }
        var result: [pid_t] = []
        while let entry = unsafe readdir(directory) {
            let thread = unsafe withUnsafeBytes(of: entry.pointee.d_name) { name in
                unsafe String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard thread.first?.isNumber == true else { continue }
            result += read("/proc/self/task/\(thread)/children").split(separator: " ").compactMap { pid_t($0) }
        }
        return result
    }

    private static func read(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4 << 10)
        while case let count = unsafe Glibc.read(descriptor, &buffer, buffer.count), count > 0 {
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
