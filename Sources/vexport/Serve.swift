import ArgumentParser
import Glibc
import LinkCollector
import Logging
import MetricsServer
import UnixSignals
import VexportCore

/// `vexport serve`: the daemon.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch the links of this network namespace and serve /metrics.",
        discussion: "Ends on SIGTERM or SIGINT, after answering the scrapes under way.")

    @Option(name: .customLong("web.listen-address"), help: "Where to listen: host:port, [ipv6]:port or :port.")
    var listenAddress = ListenAddress(":10119")!

    @Option(
        name: .customLong("links.detail"),
        help: "How much of each link to expose: basic, or full for all counters and settings.")
    var detail = LinkDetail.basic

    @Option(name: .customLong("log.level"), help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = Logger.Level.info

    @Option(name: .customLong("log.format"), help: "logfmt or json.")
    var logFormat = LogFormat.logfmt

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let (level, format) = (logLevel, logFormat)
        LoggingSystem.bootstrap { _ in LineLogHandler(format: format, level: level) }
        let logger = Logger(label: "vexport")
        do {
            try await serve(logger)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(3)
        }
    }

    private func serve(_ logger: Logger) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let pipeline = Pipeline(detail: detail)
        let links = try LinkCollector(options: .init(), pipeline: pipeline, logger: logger)
        let sources: [any MetricSource] = [links, BuildInfo(), ProcessCollector()]
        let server = try await MetricsServer.start(
            options: ServerOptions(listen: listenAddress), frames: links, sources: sources, logger: logger)
        links.start()
        logger.info("serving", metadata: ["address": "\(server.address)", "version": "\(Version.current)"])
        for await signal in signals {
            logger.info("stopping", metadata: ["signal": "\(signal)"])
            break
        }
        await server.drain()
        links.stop()
        await server.close()
    }
}
