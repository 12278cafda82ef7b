/// Which metrics of links a page has, in their order, with what is the same in every scrape rendered once.
final class LinkTable: Sendable {
    /// vexport's own metrics.
    static let own = LinkTable(counters: LinkMetrics.counters + WorkloadMetrics.traffic, states: LinkMetrics.states)

    /// vexport's own metrics, and node_exporter's names beside them for the links of vexport's own namespace.
    static let withNodeExporter = LinkTable(
        counters: own.counters + NodeExporterMetrics.counters.map { $0.of(.own) },
        states: own.states + NodeExporterMetrics.states.map { $0.of(.own) })

    private let counters: [LinkMetric]
    private let states: [LinkMetric]
    var rows: [LinkMetric] { counters + states }
    /// How the labels of each info are made.
    let infos: [@Sendable (borrowing LinkRecord.Context) -> [Label]?]
    private let families: [(format: ExpositionFormat, counters: [FamilyText], states: [FamilyText])]

    init(counters: [LinkMetric], states: [LinkMetric]) {
        (self.counters, self.states) = (counters, states)
        infos = states.compactMap { if case .info(let labels) = $0.reading { labels } else { nil } }
        families = ExpositionFormat.allCases.map { format in
            (format, counters.map { FamilyText($0, format) }, states.map { FamilyText($0, format) })
        }
    }

    func families(_ format: ExpositionFormat) -> (counters: [FamilyText], states: [FamilyText]) {
        let families = families.first { $0.format == format }!
        return (families.counters, families.states)
    }
}
