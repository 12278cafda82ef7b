/// The links of a history as a table: what there was, when no daemon is there to tell what there is.
public struct HistoryTable {
    private let activities: LinkActivities
    private let style: TableStyle
    private var links: [HistoryLabels: HistorySeries] = [:]

    /// - Parameter activities: what was read, as their `query` says.
    public init(_ activities: LinkActivities, _ pages: [HistoryPage], style: TableStyle) {
        self.activities = activities
        self.style = style
        // Of those of one name the last one.
        for page in pages { for series in page.series { links[series.labels] = series } }
    }

    /// Hands out the table, line by line, each with its end.
    public func render(_ body: (String) throws -> Void) rethrows {
        let count = links.count == 1 ? "1 link" : "\(links.count) links"
        let heading = "\(count), as last seen at \(activities.end), rates over \(activities.title)"
        try body(style.painted(heading, .bold) + "\n\n")
        let names = links.keys.sorted {
            ($0.netns?.description ?? "", $0.device.description) < ($1.netns?.description ?? "", $1.device.description)
        }
        let lines = names.map { TableLine(links[$0]!, activities[$0], style) }
        let layout = TableLayout(lines, hasRates: true, courseTitle: activities.title, style: style)
        try body(layout.titles + "\n")
        var namespace: EscapedText?
        for (labels, line) in zip(names, lines) {
            if labels.netns != namespace {
                namespace = labels.netns
                try body("\n" + style.painted("  netns \(labels.netns ?? "")", .bold) + "\n")
            }
            for text in layout.lines(line) { try body(text + "\n") }
        }
    }
}

extension TableLine {
    fileprivate init(_ series: HistorySeries, _ activity: LinkActivity?, _ style: TableStyle) {
        remarks = LinkRemarks(
            state: series.died == nil ? "there" : "gone", facts: series.died.map { ["gone at \($0)"] } ?? [])
        name = series.labels.device.description
        kind = series.kind.description
        receive = activity?.meanReceive.map { Quantity.short($0 * 8) } ?? "-"
        transmit = activity?.meanTransmit.map { Quantity.short($0 * 8) } ?? "-"
        course = activity.map { Sparkline.text($0.course, hasUnicode: style.hasUnicode) } ?? ""
        branch = ""
        continuation = ""
    }
}
