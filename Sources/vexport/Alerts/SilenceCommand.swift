import ArgumentParser
import ControlClient
import FoundationEssentials
import Glibc
import Notifier
import VexportCore

/// `vexport silence`: keeps some alerts from being told for a while.
struct SilenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silence", abstract: "Keep some alerts from being told for a while.",
        subcommands: [Add.self, List.self, Expire.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a silence and print its id.",
            discussion: "For example: vexport silence add --duration 2h --comment 'new switch' 'device=~\"tap.*\"'")

        @OptionGroup var socket: SocketOption
        @Option(help: "How long it holds, such as 2h.") var duration = "1h"
        @Option(help: "Why.") var comment: String
        @Argument(help: "Which alerts: all of these must match, such as severity=\"warning\".") var matchers: [String]

        func run() async throws {
            try await CommandFailure.reported("silence add", refusalStatus: 1) {
                let name = unsafe getenv("SUDO_USER") ?? getenv("USER")
                let request = SilenceRequest(
                    matchers: matchers, duration: duration, comment: comment,
                    createdBy: unsafe name.map { unsafe String(cString: $0) } ?? "uid \(getuid())")
                let answer = try await ControlClient(socket: socket.path).change(
                    [String: String].self, "/api/v1/silences/add", body: Array(JSONEncoder().encode(request)))
                try StandardOutput.write("\(answer["id"] ?? "")\n")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the silences that hold.")

        @OptionGroup var socket: SocketOption

        func run() async throws {
            try await CommandFailure.reported("silence list") {
                let silences = try await ControlClient(socket: socket.path).read(
                    [SilenceReport].self, "/api/v1/silences")
                let lines = silences.map { silence in
                    "\(silence.id)  \(silence.matchers.joined(separator: " "))  until \(silence.endsAt)  "
                        + "\(EscapedText(silence.createdBy.utf8)): \(EscapedText(silence.comment.utf8))\n"
                }
                try StandardOutput.write(lines.isEmpty ? "no silences\n" : lines.joined())
            }
        }
    }

    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a silence.")

        @OptionGroup var socket: SocketOption
        @Argument(help: "Its id, as list shows it.") var id: String

        func run() async throws {
            try await CommandFailure.reported("silence expire", refusalStatus: 1) {
                _ = try await ControlClient(socket: socket.path).change(
                    [String: String].self, "/api/v1/silences/expire", query: [("id", id)])
            }
        }
    }
}
