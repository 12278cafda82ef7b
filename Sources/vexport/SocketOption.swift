import ArgumentParser
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
}
