import ArgumentParser
import ControlClient
import Glibc

/// `--socket`: where the daemon listens for commands, and where commands look for it.
struct SocketOption: ParsableArguments {
    static let defaultPath = "/run/vexport/vexport.sock"

    @Option(
        name: .customLong("socket"),
        help: ArgumentHelp(
            "The unix socket between the daemon and its commands.",
            discussion: "Default: the environment's VEXPORT_SOCKET, else \(defaultPath).", valueName: "path"))
    private var given: String?

    /// Empty for none.
    var path: String { given ?? Self.environment ?? Self.defaultPath }

    /// Whether somebody asked for this path, so that doing without it would be wrong.
    var isExplicit: Bool { given != nil || Self.environment != nil }

    private static var environment: String? { unsafe getenv("VEXPORT_SOCKET").map { unsafe String(cString: $0) } }

    /// Asks the daemon; where none listens, and nobody said that one must, the kernel.
    ///
    /// - Parameters:
    ///   - command: the command's name.
    ///   - loss: what the kernel does not know, as the end of a sentence.
    func ask<Value>(
        for command: String, losing loss: String = "", daemon: (ControlClient) async throws -> Value,
        kernel: () async throws -> Value
    ) async throws -> Value {
        guard !path.isEmpty else { return try await kernel() }
        do {
            return try await daemon(ControlClient(socket: path))
        } catch let error as ControlError where !isExplicit && error.meansNobodyToAsk {
            StandardError.write("vexport \(command): \(error). Reading the kernel instead\(loss).\n")
            return try await kernel()
        }
    }
}
