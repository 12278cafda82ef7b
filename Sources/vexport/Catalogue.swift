import HostCollector
import LinkCollector
import Notifier
import PluginHost
import VexportCore

/// Every metric that vexport can expose, as docs/metrics.md shows it.
enum Catalogue {
    struct Row {
        let metric: Metric
        var labels: [String] { metric.labels }
        /// Left out under `--links.detail=basic`, but for physical links.
        var isDetail = false
    }

    static let sections: [(title: String, rows: [Row])] =
        LinkMetrics.sections.map { section in
            (section.title, section.rows.map { Row(metric: $0.metric, isDetail: $0.isDetail) })
        }
        + [
            (
                "Bridges and ports, read now and then",
                BridgeMetrics.all.map { Row(metric: $0.metric, isDetail: $0.isDetail) }
            )
        ]
        + [
            ("Looking for owners", HostMetrics.all),
            ("Network namespaces", NamespaceMetrics.all), ("Findings and flaps", FindingMetrics.all),
            ("Inventory, events and ticks", FrameMetrics.all),
            ("Collectors and netlink", CollectorMetrics.all),
            ("History", HistoryMetrics.all),
            ("Alerts", NotifierMetrics.all), ("Plugins and text files", PluginMetrics.all),
            ("vexport itself", ReloadMetrics.all + [BuildInfo.metric] + ProcessCollector.all),
        ].map { title, metrics in (title, metrics.map { Row(metric: $0) }) }

    /// Names that metrics from outside may not have. Those of `--compat.node-exporter` are among them only when it is on.
    static func claimedNames(withNodeExporter: Bool) -> Set<String> {
        var metrics = sections.flatMap(\.rows).map(\.metric)
        if withNodeExporter { metrics += NodeExporterMetrics.all.map(\.metric) }
        return Set(metrics.flatMap(\.claims))
    }

    /// The tables in Markdown.
    static func markdown() -> String {
        sections.map { title, rows in
            "### \(title)\n\n| Metric | Type | Detail | Labels | Meaning | Source |\n|---|---|---|---|---|---|\n"
                + rows.map(line).joined()
        }.joined(separator: "\n")
    }

    private static func line(_ row: Row) -> String {
        let cells = [
            "`\(row.metric.name)`", row.metric.kind.rawValue, row.isDetail ? "full" : "",
            row.labels.map { "`\($0)`" }.joined(separator: ", "), row.metric.help, row.metric.source,
        ]
        return "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined() + "\n"
    }
}
