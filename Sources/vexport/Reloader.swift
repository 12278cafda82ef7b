import LinkCollector
import Logging
import MetricsServer
import Notifier
import Synchronization
import VexportCore

/// Reads the configuration again while the daemon runs, on SIGHUP or when asked on the unix socket.
///
/// A file that can't be used changes nothing.
actor Reloader {
    private let settings: ServeSettings
    private let pipeline: Pipeline
    private let links: LinkCollector
    private let notifier: Notifier
    private let plugins: Plugins
    private let logger: Logger
    nonisolated let metrics = ReloadMetrics()
    /// Comes last: its API has an endpoint that reloads.
    private var server: MetricsServer?

    init(
        settings: ServeSettings, pipeline: Pipeline, links: LinkCollector, notifier: Notifier, plugins: Plugins,
        logger: Logger
    ) {
        self.settings = settings
        self.pipeline = pipeline
        self.links = links
        self.notifier = notifier
        self.plugins = plugins
        self.logger = logger
    }

    func attach(_ server: MetricsServer) { self.server = server }

    /// `POST /-/reload`.
    nonisolated var endpoint: APIEndpoint {
        APIEndpoint("/-/reload", access: .change) { _ in
            do throws(ConfigError) { try await self.reload() } catch { return .text("\(error)", status: 400) }
            return .text("configuration reloaded")
        }
    }

    /// Reads the file and applies it.
    ///
    /// - Throws: everything that is wrong with it; what was in force stays so.
    func reload() async throws(ConfigError) {
        do throws(ConfigError) {
            let config = try settings.read()
            await pipeline.setExposure(config.links.exposure)
            await pipeline.setDamping(config.damping)
            links.setInterval(config.sampling.interval)
            links.setNamespacesInterval(config.sampling.namespacesInterval)
            if links.scope != config.links.namespaces {
                logger.warning("a change of links.namespaces needs a restart: it stays \(links.scope)")
            }
            server?.setMaximumAge(config.sampling.maximumAge)
            notifier.apply(config.alertSettings)
            plugins.apply(config)
            metrics.succeeded()
            logger.info("configuration reloaded", metadata: ["file": "\(settings.file.path)"])
        } catch {
            metrics.failed()
            for line in error.lines { logger.error("\(line)") }
            logger.error("the configuration was not reloaded: what was in force stays so")
            throw error
        }
    }
}

/// The configuration file, and what the command line says otherwise.
struct ServeSettings: Sendable {
    let file: ConfigFile
    /// Source: `--links.detail`.
    let detail: LinkDetail?
    /// Source: `--links.namespaces`.
    let namespaces: LinkCollector.Scope?
    /// Source: `--compat.node-exporter`.
    let showsNodeExporter: Bool
    /// Source: `--storage.path`.
    let storagePath: String?

    func read() throws(ConfigError) -> Config {
        var config = try file.read()
        if let detail { config.links.exposure.detail = detail }
        if let namespaces { config.links.namespaces = namespaces }
        config.links.exposure.showsNodeExporter = showsNodeExporter
        if let storagePath { config.storage.path = storagePath }
        return config
    }
}

/// `vexport_config_*`, as Prometheus' own programs have them.
final class ReloadMetrics: MetricSource {
    static let successful = Metric(
        .gauge, "vexport_config_last_reload_successful",
        "1 when the configuration could be used the last time it was read, 0 when the one before stays in force.",
        source: "--config.file")
    static let timestamp = Metric(
        .gauge, "vexport_config_last_reload_success_timestamp_seconds", "When the configuration in force was read.",
        source: "--config.file")
    static let all = [successful, timestamp]

    private let state = Mutex((isSuccessful: true, at: Timestamp.now))

    func succeeded() { state.withLock { $0 = (true, .now) } }
    func failed() { state.withLock { $0.isSuccessful = false } }

    func collect(into sink: inout SampleSink) {
        let (isSuccessful, at) = state.withLock { $0 }
        sink.add(Self.successful, isSuccessful ? 1 : 0)
        sink.add(Self.timestamp, at.seconds)
    }
}
