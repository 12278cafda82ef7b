import ArgumentParser
import Glibc
import HostCollector
import LinkCollector
import Logging
import MetricsServer
import Notifier
import UnixSignals
import VexportCore

/// `vexport serve`: the daemon.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch the links of all network namespaces and serve /metrics.",
        discussion: """
            Ends on SIGTERM or SIGINT, after answering the scrapes under way. Reads its configuration again on SIGHUP.
            """)

    @OptionGroup var config: ConfigOption

    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp(
            "Where to listen: host:port, [ipv6]:port or :port.",
            discussion: "A socket that systemd hands over (LISTEN_FDS) goes before it."))
    var listenAddress = ListenAddress(":10119")!

    @Flag(
        name: .customLong("web.enable-api"),
        help: "Serve the reading part of the API, and links on the page at /, on the listen address too.")
    var enablesAPI = false

    @OptionGroup var socket: SocketOption

    @Option(
        name: .customLong("links.detail"),
        help: ArgumentHelp(
            "How much of each link to expose: basic, or full for all counters and settings.",
            discussion: "Goes before the configuration's links.detail."))
    var detail: LinkDetail?

    @Flag(
        name: .customLong("compat.node-exporter"),
        help: "Show links under node_exporter's names (node_network_*) too, for dashboards made for it.")
    var showsNodeExporter = false

    @Option(
        name: .customLong("links.namespaces"),
        help: ArgumentHelp(
            "Which network namespaces' links: all, as far as vexport may, or own for the one it runs in.",
            discussion: "Goes before the configuration's links.namespaces."))
    var namespaces: LinkCollector.Scope?

    @Option(
        name: .customLong("storage.path"),
        help: ArgumentHelp(
            "The directory of what outlives a restart: the history of links, alerts. Empty: memory only.",
            discussion: "Goes before the configuration's storage.path.", valueName: "path"))
    var storagePath: String?

    @Option(name: .customLong("log.level"), help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = Logger.Level.info

    @Option(name: .customLong("log.format"), help: "logfmt or json.")
    var logFormat = LogFormat.logfmt

    /// Started before anything else; nil where somebody else runs this command.
    var helper: Result<HelperConnection, any Error>?

    /// `helper` is no argument.
    private enum CodingKeys: CodingKey {
        case config, listenAddress, enablesAPI, socket, detail, showsNodeExporter, namespaces, storagePath, logLevel
        case logFormat
    }

    func run() async throws {
        AllocatorLimits.apply()
        signal(SIGPIPE, SIG_IGN)
        let (level, format) = (logLevel, logFormat)
        LoggingSystem.bootstrap { _ in LineLogHandler(format: format, level: level) }
        let logger = Logger(label: "vexport")
        do {
            try await serve(logger)
        } catch let error as ConfigError {
            for line in error.lines { logger.critical("\(line)") }
            throw ExitCode(2)
        } catch {
            logger.critical("\(error)")
            throw ExitCode(3)
        }
    }

    private func serve(_ logger: Logger) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let settings = ServeSettings(
            file: config.file, detail: detail, namespaces: namespaces, showsNodeExporter: showsNodeExporter,
            storagePath: storagePath)
        let config = try settings.read()
        let history = try LinkHistory.open(config.storage, interval: config.sampling.interval, logger)
        defer { history.close() }
        let pipeline = Pipeline(config.links.exposure, damping: config.damping)
        let owners = openOwners(pipeline, logger)
        var watching = LinkCollector.Options(
            interval: config.sampling.interval, readsSpeeds: showsNodeExporter, namespaces: config.links.namespaces)
        watching.namespacesInterval = config.sampling.namespacesInterval
        if let owners {
            watching.processes = ProcessWatch(
                inhabitants: { owners.inhabitants() }, open: { owners.open($0, of: $1) })
        }
        let links = try LinkCollector(options: watching, pipeline: pipeline, logger: logger)
        let facts = try FactCollector(
            pipeline: pipeline, logger: logger, processes: { request, answer in owners?.answer(request, &answer) })
        let plugins = try Plugins(config, pipeline, showsNodeExporter: showsNodeExporter, logger)
        let notifier = Notifier(
            settings: config.alertSettings, history: history, plugins: plugins.host, logger: logger)
        let observers: [any PipelineObserver] = [notifier, plugins.host] + [owners].compactMap(\.self)
        for observer in observers { await pipeline.addObserver(observer) }
        await pipeline.setHistory(history)
        let reloader = Reloader(
            settings: settings, pipeline: pipeline, links: links, notifier: notifier, plugins: plugins, logger: logger)
        let sources: [any MetricSource] =
            [links, pipeline.findings, history, notifier, reloader.metrics, BuildInfo(), ProcessCollector()]
            + [owners].compactMap(\.self) + plugins.sources
        var options = ServerOptions(listen: listenAddress)
        options.inherited = try InheritedSocket.take()
        options.enablesAPI = enablesAPI
        options.maximumAge = config.sampling.maximumAge
        let server = try await MetricsServer.start(
            options: options, frames: links, sources: sources,
            endpoints: [
                reloader.endpoint, SnapshotSource(frames: links, findings: pipeline.findings).endpoint,
                EventSource(journal: pipeline.journal).endpoint, DiagnosisAPI.findings(pipeline.findings),
                DiagnosisAPI.explain(pipeline), DiagnosisAPI.path(pipeline), HistoryAPI.endpoint(history),
            ] + AlertEndpoints(notifier).all,
            control: openControlSocket(logger), logger: logger)
        await reloader.attach(server)
        owners?.start()
        links.start()
        facts.start()
        plugins.start()
        logger.info("serving", metadata: ["address": "\(server.address)", "version": "\(Version.current)"])
        let manager = ServiceManager()
        let reports = Task { await report(to: manager, server, links, pipeline, logger) }
        for await signal in signals {
            if signal == .sighup {
                try? await reloader.reload()  // it has logged why not
                continue
            }
            logger.info("stopping", metadata: ["signal": "\(signal)"])
            break
        }
        reports.cancel()
        manager?.notify("STOPPING=1")
        await server.drain()
        plugins.stop()
        facts.stop()
        links.stop()
        owners?.stop()
        notifier.stop()
        await server.close()
    }

    /// Who looks for owners; nil when nobody can.
    private func openOwners(_ pipeline: Pipeline, _ logger: Logger) -> HostCollector? {
        do {
            guard let connection = try helper?.get() else { return nil }
            return try HostCollector(connection: connection, logger: logger, enrich: pipeline.enrichmentTaker)
        } catch {
            logger.error("owners of links are not looked for: \(error)")
            return nil
        }
    }

    /// The unix socket for commands. Without the right to make the one that nobody asked for, the daemon does without.
    private func openControlSocket(_ logger: Logger) throws -> ControlSocket? {
        guard !socket.path.isEmpty else { return nil }
        do {
            return try ControlSocket(path: socket.path)
        } catch {
            guard !error.isTaken, !socket.isExplicit else { throw error }
            logger.warning("\(error); the commands of vexport will not find this daemon")
            return nil
        }
    }

    /// Tells the service manager when the links have been read, and then that the daemon is alive.
    ///
    /// Alive means that the server's thread and the pipeline do their work. The age of the counters is no sign: the
    /// kernel's lock can keep anybody from reading them for minutes.
    private func report(
        to manager: ServiceManager?, _ server: MetricsServer, _ links: LinkCollector, _ pipeline: Pipeline,
        _ logger: Logger
    ) async {
        guard let manager else { return }
        await withCheckedContinuation { continuation in
            links.requestFrame(maxAge: .seconds(60)) { _ in continuation.resume() }
        }
        guard !Task.isCancelled else { return }
        if let errno = manager.notify("READY=1\nSTATUS=Serving on \(server.address)") {
            logger.warning("can't tell the service manager that vexport is ready", metadata: ["errno": "\(errno)"])
        }
        guard let interval = manager.watchdogInterval else { return }
        while (try? await Task.sleep(for: interval)) != nil {
            await server.respond()
            await pipeline.respond()
            manager.notify("WATCHDOG=1")
        }
    }
}
