import ArgumentParser
import ControlClient
import FoundationEssentials
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

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Argument(help: "The link's name, as vexport shows it.")
    var device: String

    @Option(help: "The namespace it is in, as the label netns has it. Default: vexport's own.")
    var netns: String?

    @OptionGroup var socket: SocketOption

    @Option(help: "text or json.")
    var format = Format.text

    func run() async throws {
        let explanation: Explanation
        do {
            explanation = try await find()
        } catch let error where !(error is ExitCode) {
            StandardError.write("vexport explain: \(error)\n")
            throw ExitCode(3)
        }
        try show(explanation)
        if explanation.isWrong { throw ExitCode(1) }
    }

    private func show(_ explanation: Explanation) throws {
        guard format == .json else { return try StandardOutput.write(explanation.text) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try StandardOutput.write([UInt8](try encoder.encode(explanation)) + "\n".utf8)
    }

    private func find() async throws -> Explanation {
        guard !socket.path.isEmpty else { return try await findInKernel() }
        do {
            return try await findByDaemon(ControlClient(socket: socket.path))
        } catch let error as ControlError where !socket.isExplicit && error.meansNobodyToAsk {
            StandardError.write("vexport explain: \(error). Reading the kernel instead.\n")
            return try await findInKernel()
        }
    }

    private func findByDaemon(_ client: ControlClient) async throws -> Explanation {
        let query = [(name: "device", value: device)] + (netns.map { [(name: "netns", value: $0)] } ?? [])
        let answer = try await client.get("/api/v1/explain", query: query)
        switch answer.status {
        case 200: return try JSONDecoder().decode(Envelope.self, from: Data(answer.body)).data
        case 400: throw NoSuchLink(device: device, namespace: netns)
        default: throw ControlClient.Refusal(socket: socket.path, path: "/api/v1/explain", answer: answer)
        }
    }

    private func findInKernel() async throws -> Explanation {
        LoggingSystem.bootstrap { _ in LineLogHandler(format: .logfmt, level: .error) }
        guard let pipeline = try await KernelReading.judgement(logger: Logger(label: "vexport")) else {
            throw ExitCode(3)  // the collector has logged why
        }
        guard let found = await pipeline.explain(device: device, namespace: netns, isWatched: false) else {
            throw NoSuchLink(device: device, namespace: netns)
        }
        return found
    }

    private struct Envelope: Decodable {
        let data: Explanation
    }

    private struct NoSuchLink: Error, CustomStringConvertible {
        let device: String
        let namespace: String?

        var description: String {
            let place = namespace.map { "namespace \(EscapedText($0.utf8))" } ?? "vexport's own namespace"
            return
                "no link \(EscapedText(device.utf8)) in \(place): 'ip link' shows those there are, "
                + "--netns names another namespace"
        }
    }
}
