/// Labels that others put on links: what they must keep to.
///
/// They come with every info of vexport's own about the link, with its findings, in snapshots, and as names that the
/// templates of alerts know.
public enum Enrichment {
    /// Labels that one plugin may put on a link.
    static let mostLabels = 8
    /// Labels that all plugins together may put on a link: with `longestName` and `longestValue`, and quotes doubled, a
    /// line of the page stays under `TextExposition.smallestBuffer`.
    static let mostLabelsInAll = 16
    /// Bytes.
    static let longestName = 64
    /// Bytes, once escaped.
    static let longestValue = 256

    /// Names that mean something already, on the page or in alerts.
    private static let taken: Set<String> = Set(
        LinkMetrics.states.flatMap(\.metric.labels) + [
            "device", "netns", "class", "severity", "alertname", "instance", "job", "le", "quantile", "value", "reason",
            "evidence", "remedy", "bridge", "old_name",
        ])

    /// Leaves out what is against the rules: a name that is none or is taken, a value that is too long, a label too many.
    /// An empty value is no label.
    public static func admit(_ labels: [String: String], _ losses: inout MetricLosses) -> [Label] {
        var result: [Label] = []
        for (name, text) in labels.sorted(by: { $0.key < $1.key }) where !text.isEmpty {
            let value = EscapedText(text.utf8).description
            var cursor = LineCursor(Array(name.utf8)[...])
            let isName = !name.isEmpty && cursor.takeName(colons: false).count == name.utf8.count
            if !isName || name.hasPrefix("__") || name.utf8.count > longestName || value.utf8.count > longestValue
                || result.count == mostLabels
            {
                let name = EscapedText(name.utf8.prefix(longestName))
                losses.add(MetricProblem(.label, "label \(name): not allowed, or too long, or too many"), .label)
            } else if taken.contains(name) {
                losses.add(MetricProblem(.clash, "label \(name): vexport's own name"), .clash)
            } else {
                result.append(Label(name, value))
            }
        }
        return result
    }

    /// Puts the labels of several plugins together: the first who has a name on a link has it.
    public static func join(_ sources: [[LinkIdentity: [Label]]]) -> [LinkIdentity: [Label]] {
        sources.dropFirst().reduce(into: sources.first ?? [:]) { result, source in
            result.merge(source) { first, others in
                let names = Set(first.map(\.name))
                return Array((first + others.filter { !names.contains($0.name) }).prefix(mostLabelsInAll))
            }
        }
    }
}
