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
            at begin with "!". With --since they show traffic over that time, from the daemon's history; with \
            --storage.path they are those that a daemon saw which need not run any more.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, openmetrics
    }

    @OptionGroup var socket: SocketOption

    /// Where the kernel is read; a daemon has its own.
    @OptionGroup var scope: ScopeOption

    @Option(help: "table, json for a snapshot (docs/snapshot.md), or openmetrics for the page of /metrics.")
    var format = Format.table

    @Option(
        help: ArgumentHelp(
            "How far back to look into the history, such as 10m: average rates and how they went, or all samples.",
            discussion: "For table and openmetrics. The daemon's /api/v1/history gives JSON.", valueName: "time"))
    var since: Length?

    @Option(
        name: .customLong("storage.path"),
        help: ArgumentHelp(
            "Read the history that a daemon left in this directory, or has there while it runs.",
            discussion: "It ends with the last reading; --since counts from there and is 10m unless it is given.",
            valueName: "path"))
    var storagePath: String?

    /// A time as durations are written in the configuration.
    struct Length: ExpressibleByArgument {
        let duration: Duration

        init(_ duration: Duration) {
            self.duration = duration
        }

        init?(argument: String) {
            guard let duration = Duration(prometheusText: argument), duration > .zero else { return nil }
            self.duration = duration
        }
    }

    func validate() throws {
        guard format == .json, since != nil || storagePath != nil else { return }
        throw ValidationError("--since and --storage.path are for table and openmetrics")
    }

    func run() async throws {
        try await CommandFailure.reported("dump") { try await dump() }
    }

    private func dump() async throws {
        if let storagePath { return try await dumpStore(storagePath) }
        guard !socket.path.isEmpty else {
            guard since == nil else { throw NoHistory() }
            return try await dumpKernel()
        }
        do {
            try await dumpDaemon(ControlClient(socket: socket.path))
        } catch let error as ControlError where !socket.isExplicit && since == nil && error.meansNobodyToAsk {
            StandardError.write("vexport dump: \(error). Reading the kernel instead, which knows no rates.\n")
            try await dumpKernel()
        }
    }

    private func dumpDaemon(_ client: ControlClient) async throws {
        if let since {
            try await dumpHistory(of: client, since)
        } else if format == .openmetrics {
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
        try StandardOutput.writeLines(SnapshotTable(snapshot, style: Terminal.style, now: .now).render)
    }
}
