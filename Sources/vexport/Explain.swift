import ArgumentParser
import Logging
import VexportCore

/// `vexport explain`: one link, what is wrong with it, and how that is known.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what a link is, what is at its other end, and what is wrong with it.",
        discussion: """
            Asks the daemon. If none runs, it reads the kernel itself, unless --socket or VEXPORT_SOCKET names one; by that \
            one look nobody can tell since when anything is wrong. Exit status 1 when something is wrong.
            """)

    @Argument(help: "The link's name, as vexport shows it.")
    var device: String

    @Option(help: "The namespace it is in, as the label netns has it. Default: vexport's own.")
    var netns: String?

    @OptionGroup var socket: SocketOption

    @Option(help: "text or json.")
    var format = AnswerFormat.text

    func run() async throws {
        try await CommandFailure.reported("explain") { try await explain() }
    }

    private func explain() async throws {
        let explanation = try await socket.ask(
            for: "explain",
            daemon: {
                try await $0.read(
                    Explanation.self, "/api/v1/explain",
                    query: [("device", device)] + (netns.map { [("netns", $0)] } ?? []))
            }, kernel: { try await findInKernel() })
        switch format {
        case .text: try StandardOutput.write(explanation.text)
        case .json: try StandardOutput.write(StandardOutput.line(json: explanation))
        }
        if explanation.isWrong { throw ExitCode(1) }
    }

    private func findInKernel() async throws -> Explanation {
        LoggingSystem.bootstrap { _ in LineLogHandler(format: .logfmt, level: .error) }
        guard let pipeline = try await KernelReading.judgement(logger: Logger(label: "vexport")) else {
            throw ExitCode(3)  // the collector has logged why
        }
        guard let found = await pipeline.explain(device: device, namespace: netns, isWatched: false) else {
            throw NothingThere("link", device, netns)
        }
        return found
    }
}
