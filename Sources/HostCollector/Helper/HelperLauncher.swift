import Glibc
import VexportCore

/// The daemon's connection to its helper.
public struct HelperConnection: Sendable {
    let descriptor: Int32
    /// The first helper, whose end somebody must take note of.
    let pid: pid_t

    var socket: PacketSocket { PacketSocket(descriptor: descriptor) }
}

/// Starts the helper.
public enum HelperLauncher {
    /// Starts this program's `host-helper`.
    ///
    /// - Throws: `SystemCallError`.
    public static func start() throws -> HelperConnection {
        let (mine, its) = try PacketSocket.pair()
        defer { its.close() }
        return HelperConnection(descriptor: mine.descriptor, pid: try spawn(its.descriptor))
    }

    /// Takes from this process what only the helper needs, for good. For a process with one thread, since rights belong to
    /// threads.
    ///
    /// - Throws: `SystemCallError`.
    public static func giveUpRights() throws {
        guard ProcFS().numbers(in: "self/task").count == 1 else {
            throw SystemCallError("capset in several threads", EBUSY)
        }
        try Capabilities.current().subtracting(.everyProcess).keepOnly()
    }

    private static func spawn(_ socket: Int32) throws(SystemCallError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        var pid: pid_t = 0
        let words = unsafe [strdup("vexport"), strdup("host-helper")]
        defer { unsafe words.forEach { unsafe free($0) } }
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words + [nil]
        // Of the environment it needs nothing.
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        let code = unsafe posix_spawn(&pid, "/proc/self/exe", &actions, nil, &arguments, &environment)
        guard code == 0 else { throw SystemCallError("start host-helper", code) }
        return pid
    }
}
