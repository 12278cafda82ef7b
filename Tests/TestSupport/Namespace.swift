import CTestSupport
import Foundation
import Synchronization

/// A network namespace that a test made for itself. Gone, with all its links, when the test ends.
public final class Namespace: Sendable {
    public let name: String

    private static let count = Atomic<Int>(0)

    /// - Throws: when the process may not make namespaces: run the tests as root, or under `unshare -Urnm`.
    public init() throws {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        name = "vxt\(getpid())-\(number)"
        try Command.run("ip", "netns", "add", name)
        // Without IPv6 no address, and so no traffic, appears by itself.
        try Command.run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        try ip("link set lo up")
    }

    /// Where a daemon in this namespace may listen for commands.
    public var socket: String { "/run/\(name).sock" }

    deinit {
        for file in [socket, socket + ".lock"] { unlink(file) }
        _ = try? Command.run("ip", "netns", "del", name)
    }

    /// Runs `ip` inside with words separated by spaces.
    @discardableResult
    public func ip(_ words: String) throws -> String {
        try Command.run(["ip", "-n", name] + words.split(separator: " ").map(String.init))
    }

    /// Runs many `ip` commands in one go.
    public func ipBatch(_ lines: [String]) throws {
        try Command.run(["ip", "-n", name, "-batch", "-"], input: lines.joined(separator: "\n") + "\n")
    }

    /// Runs a program inside.
    @discardableResult
    public func run(_ arguments: String...) throws -> String {
        try Command.run(["ip", "netns", "exec", name] + arguments)
    }

    /// Runs `body` on a thread that is inside, so that the sockets it opens are.
    public func inside<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        nonisolated(unsafe) var result: Swift.Result<Result, any Error>?
        let path = "/run/netns/\(name)"
        let done = DispatchSemaphore(value: 0)
        Thread {
            result = Swift.Result {
                guard enter_network_namespace(path) == 0 else {
                    throw Command.Failure(description: "setns \(path): errno \(errno)")
                }
                return try body()
            }
            done.signal()
        }.start()
        done.wait()
        return try result!.get()
    }
}
