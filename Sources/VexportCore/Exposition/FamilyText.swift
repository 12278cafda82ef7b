/// A row of `LinkMetrics` with the bytes that are the same in every scrape.
struct FamilyText: Sendable {
    let metric: LinkMetric
    let header: [UInt8]
    /// Padded for `LineWriter`.
    let name: [UInt8]
    let nameLength: Int

    init(_ metric: LinkMetric, _ format: ExpositionFormat) {
        self.metric = metric
        header = format.header(of: metric.metric)
        name = metric.metric.name.utf8 + LineWriter.padding
        nameLength = metric.metric.name.utf8.count
    }

    /// What a line and the header before it take at most, without the labels.
    var room: Int { header.count + name.count + LineWriter.longestNumber + LineWriter.padding.count }
}
