import ArgumentParser
import Glibc
import LinkCollector
import Logging
import VexportCore

/// `vexport metrics`: one page without a daemon.
struct Metrics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the metrics of this network namespace's links once, read from the kernel.",
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

    @Option(help: "text for Prometheus' text format 0.0.4, or openmetrics for OpenMetrics 1.0.0.")
    var format = ExpositionFormat.text

    @Flag(help: "Print a table of all metrics that there can be, in Markdown, and read nothing.")
    var catalogue = false

    func run() async throws {
        if catalogue { return try StandardOutput.write(Catalogue.markdown()) }
        LoggingSystem.bootstrap { _ in LineLogHandler(format: .logfmt, level: .error) }
        let logger = Logger(label: "vexport")
        do {
            let pipeline = Pipeline(Exposure(detail: detail, showsNodeExporter: showsNodeExporter))
            let links = try LinkCollector(
                options: .init(readsSpeeds: showsNodeExporter), pipeline: pipeline, logger: logger)
            links.start()
            let frame = await withCheckedContinuation { continuation in
                links.requestFrame(maxAge: .zero) { continuation.resume(returning: $0) }
            }
            links.stop()
            guard let frame else { throw ExitCode(3) }  // the collector has logged why
            var others = SampleSink()
            FrameMetrics.collect(frame, now: .now, into: &others)
            BuildInfo().collect(into: &others)
            try write(TextExposition(frame: frame, others: others, format: format))
        } catch let error where !(error is ExitCode) {
            logger.critical("\(error)")
            throw ExitCode(3)
        }
    }

    private func write(_ exposition: consuming TextExposition) throws {
        var exposition = exposition
        try unsafe withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            while case let count = unsafe exposition.render(into: buffer), count > 0 {
                try unsafe StandardOutput.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}
