import Logging
import PluginHost
import VexportCore

/// What the daemon has from outside: text files and plugins, and the board where they put their metrics.
struct Plugins: Sendable {
    private let board = ForeignBoard()
    private let textfile: TextfileCollector
    /// It observes the pipeline and delivers notifications.
    let host: PluginHost

    init(_ config: Config, _ pipeline: Pipeline, showsNodeExporter: Bool, _ logger: Logger) throws {
        let taken = Catalogue.claimedNames(withNodeExporter: showsNodeExporter)
        textfile = TextfileCollector(options: config.collectors.textfile, taken: taken, board: board, logger: logger)
        host = try PluginHost(
            config.pluginSettings, taken: taken, board: board, journal: pipeline.journal, logger: logger,
            enrich: pipeline.enrichmentTaker)
    }

    /// What they put on the page.
    var sources: [any MetricSource] { [host, textfile, board] }

    func start() {
        textfile.start()
        host.start()
    }

    /// Takes another configuration. What is the same in it goes on.
    func apply(_ config: Config) {
        textfile.apply(config.collectors.textfile)
        host.apply(config.pluginSettings)
    }

    /// Ends all plugins; waits for them 2 s at most.
    func stop() {
        textfile.stop()
        host.stop()
    }
}

extension Config {
    /// The plugins of a file that has been checked.
    var pluginSettings: [PluginSettings] {
        var problems: [ConfigProblem] = []
        return makePlugins(&problems)
    }
}
