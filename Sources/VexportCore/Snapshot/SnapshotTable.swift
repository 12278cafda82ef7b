/// A snapshot as a table that a person reads at a glance. The lines of links that somebody should look at begin with `!`.
public struct SnapshotTable {
    private let snapshot: Snapshot
    private let style: TableStyle
    private let now: Timestamp
    /// There are rates to show, or else totals are shown.
    private let hasRates: Bool
    private let activities: LinkActivities?
    private let groups: [(namespace: EscapedText?, lines: [TableLine])]

    /// - Parameters:
    ///   - activities: traffic over a longer time, which is shown in place of the snapshot's rates; nil for none.
    ///   - now: the wall clock, to tell of counters that are old.
    public init(_ snapshot: Snapshot, activities: LinkActivities? = nil, style: TableStyle, now: Timestamp) {
        let snapshot = activities.map { snapshot.showing($0) } ?? snapshot
        self.snapshot = snapshot
        self.activities = activities
        self.style = style
        self.now = now
        let hasRates = snapshot.links.contains { $0.rates != nil }
        self.hasRates = hasRates
        let tree = LinkTree(snapshot.links)
        groups = tree.groups.map { group in
            let rows = group.rows
            let lines = rows.enumerated().map { place, row in
                let link = snapshot.links[row.link]
                let hasChildren = place + 1 < rows.count && rows[place + 1].continues.count > row.continues.count
                return TableLine(
                    row, hasChildren: hasChildren, link: link,
                    remarks: LinkRemarks(row, in: tree, of: snapshot.links), hasRates: hasRates,
                    activity: activities?[HistoryLabels(device: link.name, netns: link.namespace)], style: style)
            }
            return (group.namespace, lines)
        }
    }

    /// Hands out the table, line by line, each with its end.
    public func render(_ body: (String) throws -> Void) rethrows {
        for line in heading { try body(line + "\n") }
        let layout = TableLayout(
            groups.lazy.flatMap(\.lines), hasRates: hasRates, courseTitle: activities?.title, style: style)
        for (number, group) in groups.enumerated() {
            try body("\n")
            if number == 0 { try body(layout.titles + "\n") }
            if let namespace = group.namespace { try body(style.painted("  netns \(namespace)", .bold) + "\n") }
            for line in group.lines {
                for text in layout.lines(line) { try body(text + "\n") }
            }
        }
        for line in findings { try body(line + "\n") }
    }

    /// What the daemon found, below the links: a finding may be of a link that is not among them.
    private var findings: [String] {
        guard let findings = snapshot.findings, !findings.isEmpty else { return [] }
        let lines = findings.flatMap { finding in
            let isMarked = finding.severity > .info
            let text = "\(finding.subject): \(finding.reason) (\(finding.kind.rawValue))"
            let pieces = style.wrapped([(text, isMarked ? .red : nil)], width: style.width - 4)
            // A line that goes on has the mark too: grep '^!' must not cut what it shows.
            let mark = isMarked ? style.painted("!", .red) : " "
            return pieces.enumerated().map { $0 > 0 ? "\(mark)   \($1)" : isMarked ? "\(mark) \($1)" : "- \($1)" }
        }
        return ["", style.painted("findings", .bold)] + lines
    }

    /// Counters older than this many seconds are told of: the kernel's lock may keep a daemon from reading.
    private static let staleAfter = 5.0

    private var heading: [String] {
        var facts = "\(snapshot.host), \(snapshot.time), "
        if let activities {
            facts += "rates over \(activities.title)"
        } else if hasRates, let interval = snapshot.rateInterval, (0.05...1e6).contains(interval) {
            facts += "rates over \(Quantity.decimal(interval, places: 1)) s"
        } else {
            facts += "totals, no rates"
        }
        var lines = [style.painted(facts, .bold)] + style.wrapped(summary.map { ($0, nil) }, width: style.width)
        let marked = groups.lazy.flatMap(\.lines).count { $0.remarks.isMarked }
        if marked > 0 { lines.append(style.painted("! \(marked) to look at", .red)) }
        let age = now.seconds - snapshot.time.seconds
        if age > Self.staleAfter {
            lines.append(style.painted("! counters are \(Quantity.short(age.rounded())) s old", .red))
        }
        return lines
    }

    /// How many links there are, and of each kind, the most frequent first.
    private var summary: [String] {
        let kinds = Dictionary(snapshot.links.map { ($0.kind, 1) }, uniquingKeysWith: +)
            .sorted { ($1.value, $0.key.description) < ($0.value, $1.key.description) }
            .map { "\($0.value) \($0.key)" }
        let total = snapshot.links.count == 1 ? "1 link" : "\(snapshot.links.count) links"
        let namespaces = Set(snapshot.links.compactMap(\.namespace)).count
        let places = namespaces == 0 ? "" : " in \(namespaces + 1) namespaces"
        return kinds.isEmpty ? [total] : ["\(total)\(places): \(kinds[0])"] + kinds.dropFirst()
    }
}

extension Snapshot {
    /// With the traffic of a longer time in place of the last two ticks'.
    fileprivate func showing(_ activities: LinkActivities) -> Snapshot {
        var snapshot = self
        for place in snapshot.links.indices {
            let link = snapshot.links[place]
            let activity = activities[HistoryLabels(device: link.name, netns: link.namespace)]
            var rates = link.rates ?? CounterValues()
            rates[.receiveBytes] = activity?.meanReceive
            rates[.transmitBytes] = activity?.meanTransmit
            snapshot.links[place].rates = rates
        }
        return snapshot
    }
}
