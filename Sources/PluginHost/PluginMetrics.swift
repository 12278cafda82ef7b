public import VexportCore

/// `vexport_plugin_*` and `vexport_textfile_*`: how plugins and text files do.
public enum PluginMetrics {
    static let up = Metric(
        .gauge, "vexport_plugin_up", "1 when the plugin did its last work, 0 when it failed; the log says why.",
        source: "PluginHost", labels: ["plugin"])
    static let duration = Metric(
        .gauge, "vexport_plugin_duration_seconds", "How long the plugin's last work took.", source: "PluginHost",
        labels: ["plugin"])
    static let lastSuccess = Metric(
        .gauge, "vexport_plugin_last_success_timestamp_seconds", "When the plugin last did its work.",
        source: "PluginHost", labels: ["plugin"])
    static let restarts = Metric(
        .counter, "vexport_plugin_restarts_total", "Starts of the plugin's process beyond the first.",
        source: "PluginHost", labels: ["plugin"])
    static let dropped = Metric(
        .counter, "vexport_plugin_dropped_total", "What the plugin said that was refused, by reason.",
        source: "PluginHost", labels: ["plugin", "reason"])
    static let series = Metric(
        .gauge, "vexport_plugin_series", "Series that the plugin has.", source: "PluginHost", labels: ["plugin"])
    static let textfileTime = Metric(
        .gauge, "vexport_textfile_mtime_seconds", "When the text file was last changed, for those that could be read.",
        source: "collectors.textfile", labels: ["file"])
    static let textfileError = Metric(
        .gauge, "vexport_textfile_scrape_error", "1 when a text file or directory could not be read, 0 otherwise.",
        source: "collectors.textfile")

    /// All of them.
    public static let all = [
        up, duration, lastSuccess, restarts, dropped, series, textfileTime, textfileError,
    ]
}

/// What there is to tell of a plugin.
struct PluginFigures: Sendable {
    /// nil before its first work was done or failed.
    var isUp: Bool?
    var duration = Duration.zero
    var lastSuccess: Timestamp?
    var starts: UInt64 = 0
    var dropped: [String: UInt64] = [:]
    var series = 0

    mutating func add(_ losses: MetricLosses) {
        for (fault, count) in losses.counts { dropped[fault.rawValue, default: 0] += UInt64(count) }
    }

    static func collect(_ figures: [(name: String, figures: PluginFigures)], into sink: inout SampleSink) {
        func add(_ metric: Metric, _ value: (PluginFigures) -> Double?) {
            for (name, figures) in figures {
                if let value = value(figures) { sink.add(metric, [Label("plugin", name)], value) }
            }
        }
        add(PluginMetrics.up) { $0.isUp.map { $0 ? 1 : 0 } }
        add(PluginMetrics.duration) { $0.isUp == nil ? nil : $0.duration.seconds }
        add(PluginMetrics.lastSuccess) { $0.lastSuccess?.seconds }
        add(PluginMetrics.restarts) { Double(max(1, $0.starts) - 1) }
        for (name, figures) in figures {
            for (reason, count) in figures.dropped.sorted(by: { $0.key < $1.key }) {
                sink.add(PluginMetrics.dropped, [Label("plugin", name), Label("reason", reason)], Double(count))
            }
        }
        add(PluginMetrics.series) { Double($0.series) }
    }
}
