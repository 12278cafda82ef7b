import ArgumentParser
import ControlClient
import FoundationEssentials
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

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Argument(
        help: """
            A workload's name or id, as vexport_workload_info has it; or a link that paths go through; or a workload's MAC.
            """)
    var start: String

    @Option(help: "The namespace that the link is in, as the label netns has it. Default: vexport's own.")
    var netns: String?

    @OptionGroup var socket: SocketOption

    @Option(help: "text or json.")
    var format = Format.text

    func run() async throws {
        let paths: [PathRecord]
        do {
            paths = try await find()
        } catch let error where !(error is ExitCode) {
            StandardError.write("vexport path: \(error)\n")
            throw ExitCode(3)
        }
        try show(paths)
        if paths.contains(where: \.isWrong) { throw ExitCode(1) }
    }

    private func show(_ paths: [PathRecord]) throws {
        if format == .text {
            let style = Terminal.style
            var text = paths.map { $0.text(style) }.joined(separator: "\n")
            if paths.count == Pipeline.mostPaths { text += "\nThere may be more paths: \(paths.count) are shown.\n" }
            return try StandardOutput.write(text)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try StandardOutput.write([UInt8](try encoder.encode(paths)) + "\n".utf8)
    }

    private func find() async throws -> [PathRecord] {
        guard !socket.path.isEmpty else { return try await findInKernel() }
        do {
            return try await findByDaemon(ControlClient(socket: socket.path))
        } catch let error as ControlError where !socket.isExplicit && error.meansNobodyToAsk {
            StandardError.write("vexport path: \(error). Reading the kernel instead, which knows no rates.\n")
            return try await findInKernel()
        }
    }

    private func findByDaemon(_ client: ControlClient) async throws -> [PathRecord] {
        let query = [(name: "of", value: start)] + (netns.map { [(name: "netns", value: $0)] } ?? [])
        let answer = try await client.get("/api/v1/path", query: query)
        switch answer.status {
        case 200: return try JSONDecoder().decode(Envelope.self, from: Data(answer.body)).data
        case 400: throw NothingCalledSo(words: start, namespace: netns)
        default: throw ControlClient.Refusal(socket: socket.path, path: "/api/v1/path", answer: answer)
        }
    }

    private func findInKernel() async throws -> [PathRecord] {
        LoggingSystem.bootstrap { _ in LineLogHandler(format: .logfmt, level: .error) }
        guard let pipeline = try await KernelReading.judgement(logger: Logger(label: "vexport")) else {
            throw ExitCode(3)  // the collector has logged why
        }
        let paths = await pipeline.paths(start, namespace: netns, isWatched: false)
        guard !paths.isEmpty else { throw NothingCalledSo(words: start, namespace: netns) }
        return paths
    }

    private struct Envelope: Decodable {
        let data: [PathRecord]
    }

    private struct NothingCalledSo: Error, CustomStringConvertible {
        let words: String
        let namespace: String?

        var description: String {
            let place = namespace.map { " in namespace \(EscapedText($0.utf8))" } ?? ""
            return "no workload, link or MAC \(EscapedText(words.utf8))\(place): 'vexport dump' shows those there are, "
                + "--netns names another namespace"
        }
    }
}
