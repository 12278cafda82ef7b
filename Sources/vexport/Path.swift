import ArgumentParser
import Logging
import VexportCore

/// `vexport path`: the links from a workload to the uplink.
struct Path: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the links from a workload to the uplink, and what is wrong on the way.",
        discussion: """
            Asks the daemon. If none runs, it reads the kernel itself, unless --socket or VEXPORT_SOCKET names one; that one \
            look knows no rates. Exit status 1 when something on a path is wrong.
            """)

    @Argument(
        help: """
            A workload's name or id, as vexport_workload_info has it; or a link that paths go through; or a workload's MAC.
            """)
    var start: String

    @Option(help: "The namespace that the link is in, as the label netns has it. Default: vexport's own.")
    var netns: String?

    @OptionGroup var socket: SocketOption

    @Option(help: "text or json.")
    var format = AnswerFormat.text

    func run() async throws {
        try await CommandFailure.reported("path") { try await show() }
    }

    private func show() async throws {
        let paths = try await socket.ask(
            for: "path", losing: ", which knows no rates",
            daemon: {
                try await $0.read(
                    [PathRecord].self, "/api/v1/path", query: [("of", start)] + (netns.map { [("netns", $0)] } ?? []))
            }, kernel: { try await findInKernel() })
        switch format {
        case .text:
            var text = paths.map { $0.text(Terminal.style) }.joined(separator: "\n")
            if paths.count == Pipeline.mostPaths { text += "\nThere may be more paths: \(paths.count) are shown.\n" }
            try StandardOutput.write(text)
        case .json: try StandardOutput.write(StandardOutput.line(json: paths))
        }
        if paths.contains(where: \.isWrong) { throw ExitCode(1) }
    }

    private func findInKernel() async throws -> [PathRecord] {
        LoggingSystem.bootstrap { _ in LineLogHandler(format: .logfmt, level: .error) }
        guard let pipeline = try await KernelReading.judgement(logger: Logger(label: "vexport")) else {
            throw ExitCode(3)  // the collector has logged why
        }
        let paths = await pipeline.paths(start, namespace: netns, isWatched: false)
        guard !paths.isEmpty else { throw NothingThere("workload, link or MAC", start, netns) }
        return paths
    }
}
