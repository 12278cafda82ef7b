/// Which metrics of links a page has, in their order, with what is the same in every scrape rendered once.
final class LinkTable: Sendable {
    /// vexport's own metrics.
    static let own = LinkTable(counters: LinkMetrics.counters, states: LinkMetrics.states)

    /// vexport's own metrics, and node_exporter's names beside them for the links of vexport's own namespace.
    static let withNodeExporter = LinkTable(
        counters: LinkMetrics.counters + NodeExporterMetrics.counters.map { $0.of(.own) },
        states: LinkMetrics.states + NodeExporterMetrics.states.map { $0.of(.own) })

    let rows: [LinkMetric]
    /// How the labels of each info are made.
    let infos: [@Sendable (borrowing LinkRecord.Context) -> [Label]?]
    private let families: [(format: ExpositionFormat, counters: [FamilyText], states: [FamilyText])]

    init(counters: [LinkMetric], states: [LinkMetric]) {
        rows = counters + states
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
