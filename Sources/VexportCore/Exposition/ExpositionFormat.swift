/// A format of the page. Both are lines of text with the same series; they differ in the headers and the end.
public enum ExpositionFormat: String, CaseIterable, Sendable {
    /// Prometheus' text format 0.0.4.
    case text
    /// OpenMetrics 1.0.0: knows units and infos, and a page that was cut off is told by its missing end.
    case openMetrics = "openmetrics"

    /// The Content-Type of a page.
    public var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What a page ends with.
    var end: [UInt8] {
        switch self {
        case .text: []
        case .openMetrics: Array("# EOF\n".utf8)
        }
    }

    /// The lines before a family's series.
    func header(of metric: Metric) -> [UInt8] {
        switch self {
        case .text:
            // An info is a gauge here: the format knows no other.
            let type = metric.kind == .counter ? "counter" : "gauge"
            let help = TextFormat.escaped(metric.help, quotes: false)
            return "# HELP \(metric.name) ".utf8 + help + "\n# TYPE \(metric.name) \(type)\n".utf8
        case .openMetrics:
            let family = metric.family
            let unit = metric.unit.map { "# UNIT \(family) \($0)\n" } ?? ""
            let help = TextFormat.escaped(metric.help, quotes: true)
            return "# TYPE \(family) \(metric.kind.rawValue)\n\(unit)# HELP \(family) ".utf8 + help + "\n".utf8
        }
    }
}
