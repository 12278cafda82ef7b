import VexportCore

/// What plugins that observe have been told of events and findings, and what there is to tell them. What a plugin does not
/// read waits in the journal: it costs no memory, and the oldest is lost first, which the plugin is told.
struct EventFeed {
    private struct Key: Hashable {
        let kind: FindingKind
        let link: LinkIdentity

        init(_ finding: Finding) {
            (kind, link) = (finding.kind, finding.link)
        }
    }

    private struct Position {
        /// The number of the last event that it was told of.
        var event: UInt64
        var findings: [Key: Finding] = [:]
        /// Findings have changed since it was told.
        var isBehind = true
    }

    /// As JSON.
    private struct Change: Encodable {
        var raised: [FindingRecord]
        var resolved: [FindingRecord]
    }

    /// Events in one line.
    private static let mostEvents = 500

    private let journal: EventJournal
    private var findings: [Finding] = []
    private var positions: [String: Position] = [:]

    init(_ journal: EventJournal) {
        self.journal = journal
    }

    /// - Parameter findings: all there are.
    mutating func setFindings(_ findings: [Finding]) {
        self.findings = findings
        for plugin in positions.keys { positions[plugin]!.isBehind = true }
    }

    /// A plugin is there, and knows nothing: it is told of all findings, and of what happens from now on.
    mutating func welcome(_ plugin: String) { positions[plugin] = Position(event: journal.last) }

    /// A plugin is not there any more.
    mutating func dismiss(_ plugin: String) { positions[plugin] = nil }

    /// Whether it may have something to be told.
    func hasNews(for plugin: String) -> Bool {
        positions[plugin].map { $0.isBehind || $0.event < journal.last } ?? false
    }

    /// The next line for a plugin; nil when it has been told all.
    mutating func line(for plugin: String) -> [UInt8]? {
        guard var position = positions[plugin] else { return nil }
        defer { positions[plugin] = position }
        if position.isBehind {
            position.isBehind = false
            let now = Dictionary(findings.map { (Key($0), $0) }) { first, _ in first }
            let change = Change(
                raised: findings.filter { position.findings[Key($0)] == nil }.map { FindingRecord($0) },
                resolved: position.findings.filter { now[$0.key] == nil }.map { FindingRecord($0.value) })
            position.findings = now
            if !change.raised.isEmpty || !change.resolved.isEmpty { return try? StreamLine.notice("findings", change) }
        }
        guard position.event < journal.last else { return nil }
        let page = journal.read(after: position.event, limit: Self.mostEvents)
        position.event = page.last
        return try? StreamLine.notice("events", EventPage(page))
    }
}
