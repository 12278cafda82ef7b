import ArgumentParser
import LinkCollector
import Logging
import VexportCore

/// `vexport metrics`: one page without a daemon.
struct Metrics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the metrics of all network namespaces' links once, read from the kernel.",
        discussion: """
            What `serve` would put on /metrics, without the state of a daemon: for a look, for promtool, or for the \
            textfile collector of node_exporter.
            """)

    @Option(
        name: .customLong("links.detail"),
        help: "How much of each link to print: basic, or full for all counters and settings.")
    var detail = LinkDetail.basic

    @Flag(
        name: .customLong("compat.node-exporter"),
        help: "Show links under node_exporter's names (node_network_*) too, for dashboards made for it.")
    var showsNodeExporter = false

    @OptionGroup var scope: ScopeOption

    @Option(help: "text for Prometheus' text format 0.0.4, or openmetrics for OpenMetrics 1.0.0.")
    var format = ExpositionFormat.text

    @Flag(help: "Print a table of all metrics that there can be, in Markdown, and read nothing.")
    var catalogue = false

    func run() async throws {
        try await CommandFailure.reported("metrics") { try await show() }
    }

    private func show() async throws {
        if catalogue { return try StandardOutput.write(Catalogue.markdown()) }
        LoggingSystem.bootstrap { _ in LineLogHandler(format: .logfmt, level: .error) }
        let logger = Logger(label: "vexport")
        let exposure = Exposure(detail: detail, showsNodeExporter: showsNodeExporter)
        guard let frame = try await KernelReading.frame(exposure, scope.namespaces, logger: logger) else {
            throw ExitCode(3)  // the collector has logged why
        }
        try KernelReading.print(frame, format)
    }
}
