import ArgumentParser
import ControlClient
import Glibc
import Logging
import VexportCore

/// `vexport dump`: what there is right now.
struct Dump: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show all links with their states and traffic.",
        discussion: """
            Asks the daemon, which knows rates. If none runs, it reads the links from the kernel, unless --socket or VEXPORT_SOCKET \
            names one; an empty --socket makes it do so at once. In the table, lines of links that somebody should look \
            at begin with "!".
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, openmetrics
    }

    @OptionGroup var socket: SocketOption

    /// Where the kernel is read; a daemon has its own.
    @OptionGroup var scope: ScopeOption

    @Option(help: "table, json for a snapshot (docs/snapshot.md), or openmetrics for the page of /metrics.")
    var format = Format.table

    func run() async throws {
        do {
            try await dump()
        } catch let error where !(error is ExitCode) {
            StandardError.write("vexport dump: \(error)\n")
            throw ExitCode(3)
        }
    }

    private func dump() async throws {
        guard !socket.path.isEmpty else { return try await dumpKernel() }
        do {
            try await dumpDaemon(ControlClient(socket: socket.path))
        } catch let error as ControlError where !socket.isExplicit && error.meansNobodyToAsk {
            StandardError.write("vexport dump: \(error). Reading the kernel instead, which knows no rates.\n")
            try await dumpKernel()
        }
    }

    private func dumpDaemon(_ client: ControlClient) async throws {
        if format == .openmetrics {
            let type = ExpositionFormat.openMetrics.contentType
            try StandardOutput.write(await client.page("/metrics", accept: type))
        } else {
            try show(Snapshot(json: await client.page("/api/v1/snapshot")))
        }
    }

    private func dumpKernel() async throws {
        LoggingSystem.bootstrap { _ in LineLogHandler(format: .logfmt, level: .error) }
        let logger = Logger(label: "vexport")
        guard let frame = try await KernelReading.frame(Exposure(detail: .full), scope.namespaces, logger: logger)
        else {
            throw ExitCode(3)  // the collector has logged why
        }
        if format == .openmetrics { return try KernelReading.print(frame, .openMetrics) }
        try show(
            Snapshot(
                frame: frame, previous: nil, host: Host.name, madeBy: "vexport \(Version.current)", isFromDaemon: false)
        )
    }

    private func show(_ snapshot: Snapshot) throws {
        guard format == .table else { return try StandardOutput.write(snapshot.json() + "\n".utf8) }
        var text = ""
        try SnapshotTable(snapshot, style: Terminal.style, now: .now).render { line in
            text += line
            guard text.utf8.count >= 64 << 10 else { return }
            try StandardOutput.write(text)
            text = ""
        }
        try StandardOutput.write(text)
    }
}
