internal import CSpawn
import Glibc
import VexportCore

/// A plugin's process, and vexport's ends of its pipes. Used by the thread that started it, with which it would end.
final class PluginProcess {
    let pid: pid_t
    /// Readable when the process has ended.
    let pidfd: Int32
    /// nil once it is closed.
    private(set) var input: Int32?
    private(set) var output: Int32?
    private(set) var errors: Int32?

    /// What a plugin finds in its environment, beside what the configuration adds.
    private static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/", "LANG": "C.UTF-8",
    ]

    /// Starts a plugin's program.
    ///
    /// - Throws: what did not work; nothing is left behind then.
    init(_ settings: PluginSettings) throws(PluginFailure) {
        // A script is an argument of its interpreter.
        for (index, word) in settings.command.enumerated()
        where word != PluginSettings.ownProgram && (index == 0 || Self.isFile(word)) {
            try TrustedFile.check(word)
        }
        let user: UserSwitch?
        if let name = settings.user { user = try UserSwitch(name) } else { user = nil }
        var pipes: [(read: Int32, write: Int32)] = []
        func closeAll() { for end in pipes.flatMap({ [$0.read, $0.write] }) { close(end) } }
        for readsHere: Int32 in [0, 1, 1] {
            var ends: (Int32, Int32) = (-1, -1)
            let code = unsafe vexport_pipe(&ends.0, &ends.1, readsHere)
            guard code == 0 else {
                closeAll()
                throw PluginFailure(SystemCallError("open a pipe", code))
            }
            pipes.append(ends)
        }
        let variables = Self.environment.merging(["VEXPORT_PLUGIN": settings.name]) { $1 }
            .merging(settings.environment) { $1 }
        do throws(PluginFailure) {
            (pid, pidfd) = try Self.spawn(
                settings.command, variables.map { "\($0)=\($1)" }.sorted(), user,
                (pipes[0].read, pipes[1].write, pipes[2].write))
        } catch {
            closeAll()
            throw error
        }
        for end in [pipes[0].read, pipes[1].write, pipes[2].write] { close(end) }
        (input, output, errors) = (pipes[0].write, pipes[1].read, pipes[2].read)
    }

    deinit {
        for descriptor in [input, output, errors, pidfd].compactMap(\.self) { close(descriptor) }
    }

    private static func isFile(_ word: String) -> Bool {
        var status = stat()
        guard word.hasPrefix("/"), unsafe stat(word, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFREG
    }

    private static func spawn(
        _ command: [String], _ environment: [String], _ user: UserSwitch?, _ ends: (Int32, Int32, Int32)
    ) throws(PluginFailure) -> (pid_t, Int32) {
        let words = unsafe command.map { unsafe strdup($0) }
        let variables = unsafe environment.map { unsafe strdup($0) }
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        let (arguments, variablesEnd) = unsafe (words + [nil], variables + [nil])
        var spawn = unsafe vexport_spawn()
        unsafe (spawn.input, spawn.output, spawn.error) = ends
        if let user {
            unsafe spawn.switches_user = 1
            unsafe (spawn.user, spawn.group) = (user.user, user.group)
        }
        var (pid, pidfd): (pid_t, Int32) = (0, -1)
        let code = unsafe arguments.withUnsafeBufferPointer { arguments in
            unsafe variablesEnd.withUnsafeBufferPointer { variables in
                unsafe (user?.groups ?? []).withUnsafeBufferPointer { groups in
                    unsafe spawn.program = UnsafePointer(arguments[0])
                    unsafe spawn.arguments = arguments.baseAddress
                    unsafe spawn.environment = variables.baseAddress
                    unsafe (spawn.groups, spawn.group_count) = (groups.baseAddress, groups.count)
                    return unsafe vexport_spawn(&spawn, &pid, &pidfd)
                }
            }
        }
        guard code == 0 else {
            let call = unsafe String(cString: spawn.failed)
            throw PluginFailure(SystemCallError("start \(EscapedText(command[0].utf8)): \(call)", code))
        }
        return (pid, pidfd)
    }

    /// Which of the process' two streams.
    enum Stream {
        case output, errors
    }

    /// Reads what is there.
    ///
    /// - Returns: nil when there is nothing now. A stream that has ended is closed, or poll would not wait any more.
    func read(_ stream: Stream) -> [UInt8]? {
        guard let descriptor = stream == .output ? output : errors else { return nil }
        var isAtEnd = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, count in
            let read = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            isAtEnd = read == 0
            count = max(0, read)
        }
        if isAtEnd {
            close(descriptor)
            if stream == .output { output = nil } else { errors = nil }
        }
        return bytes.isEmpty ? nil : bytes
    }

    private static let pieceSize = 16 << 10

    /// Writes as much as the pipe takes.
    ///
    /// - Returns: how many bytes; nil when nobody reads any more.
    func write(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let input else { return nil }
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(input, $0.baseAddress, $0.count) }
        if count >= 0 { return count }
        return SystemCallError.last("write").code == EAGAIN ? 0 : nil
    }

    func closeInput() {
        if let input { close(input) }
        input = nil
    }

    /// Sends a signal to the process and all others of its session that have not left its group.
    func signal(_ number: Int32) {
        kill(-pid, number)
    }

    /// How it ended; nil while it runs. To be called until it has, and then no more: the number is free for others.
    func reap() -> PluginEnd? {
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG) != 0 else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(by: signal)
    }
}

/// How a process ended.
enum PluginEnd: Equatable, CustomStringConvertible {
    case exited(Int32)
    case killed(by: Int32)

    var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .killed(let signal): "killed by signal \(signal)"
        }
    }
}
