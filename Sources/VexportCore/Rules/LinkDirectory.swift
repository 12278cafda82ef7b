/// The links of a frame by place, to say of one of them what it is and what it hangs on.
public final class LinkDirectory {
    private let links: FrameLinks?
    /// These are made only when somebody asks, which on most ticks nobody does.
    private var knownRecords: [LinkPlace: LinkRecord]?
    /// By slot, those that somebody has asked for. Several rules look at the same links, tick after tick.
    private var conditions: [Int: AlertCondition] = [:]
    private lazy var bySubject = Dictionary(records.values.map { (Self.subject($0), $0) }) { first, _ in first }
    /// Of the other namespaces, those that have one.
    private lazy var labels = Dictionary(
        uniqueKeysWithValues: (links?.namespaces ?? []).compactMap { summary in
            summary.label.map { (summary.id, $0) }
        })

    /// - Parameters:
    ///   - links: nil before the first frame: nothing is known.
    ///   - earlier: the directory of the frame before, of which most is the same.
    public init(_ links: FrameLinks?, after earlier: LinkDirectory? = nil) {
        self.links = links
        guard let links, let old = earlier?.links, var records = earlier?.knownRecords else { return }
        let changed = links.changedSlots(since: old)
        for slot in changed {
            if let record = old[slot] { records[record.link.place] = nil }
        }
        for slot in changed {
            if let record = links[slot] { records[record.link.place] = record }
        }
        knownRecords = records
    }

    private var records: [LinkPlace: LinkRecord] {
        if let knownRecords { return knownRecords }
        var records: [LinkPlace: LinkRecord] = [:]
        records.reserveCapacity(links?.slotCount ?? 0)
        for record in links?.records ?? [] {
            if let record { records[record.link.place] = record }
        }
        knownRecords = records
        return records
    }

    private static func subject(_ record: LinkRecord) -> AlertSubject {
        AlertSubject(.link, record.link.state.name.description, namespace: record.namespace?.description ?? "")
    }

    /// The link that an alert is about; nil when there is none.
    public func record(of subject: AlertSubject) -> LinkRecord? { bySubject[subject] }

    /// A condition of a link, with what it hangs on: its bridge, its namespace and its owner.
    public func condition(for record: LinkRecord, value: Double? = nil) -> AlertCondition {
        if conditions[record.link.slot] == nil { conditions[record.link.slot] = makeCondition(record) }
        var condition = conditions[record.link.slot]!
        condition.value = value
        return condition
    }

    private func makeCondition(_ record: LinkRecord) -> AlertCondition {
        let state = record.link.state
        let namespace = record.namespace?.description ?? ""
        var facts = ["kind": state.kind.name]
        var causes: [AlertSubject] = []
        if let index = state.masterIndex, let master = records[LinkPlace(record.link.place.namespace, index)] {
            let name = master.link.state.name.description
            facts["bridge"] = name
            causes.append(AlertSubject(.link, name, namespace: namespace))
        }
        if !namespace.isEmpty { causes.append(AlertSubject(.namespace, namespace)) }
        facts["alias"] = state.alias?.description
        facts["peer"] = record.link.peer.flatMap { records[$0]?.link.state.name.description }
        if let owner = record.owner {
            facts["workload"] = owner.text
            causes.append(AlertSubject(owner))
        }
        for label in record.enrichment where facts[label.name] == nil { facts[label.name] = label.value }
        return AlertCondition(Self.subject(record), dependsOn: causes, facts: facts)
    }

    /// What rules are told of findings: of every class, with nothing where there is none, so that alerts end. Infos call
    /// nobody.
    public func conditions(for findings: [Finding]) -> [String: [AlertCondition]] {
        var conditions = Dictionary(
            uniqueKeysWithValues: FindingKind.allCases.map { ($0.rawValue, [AlertCondition]()) })
        for finding in findings where finding.severity > .info {
            let record = records[finding.place].flatMap { $0.link.identity == finding.link ? $0 : nil }
            var condition =
                record.map { self.condition(for: $0) }
                ?? AlertCondition(
                    AlertSubject(
                        .link, finding.device.description, namespace: finding.namespace?.description ?? ""))
            condition.facts["reason"] = finding.reason
            condition.facts["evidence"] = finding.evidence.map { "\($0.fact) (\($0.source))" }.joined(separator: "; ")
            condition.facts["remedy"] = finding.command
            // Also that of a link without a record.
            if let workload = finding.workload { condition.facts["workload"] = workload.text }
            conditions[finding.kind.rawValue, default: []].append(condition)
        }
        return conditions
    }

    /// What rules are told of an event.
    ///
    /// - Parameter earlier: what was there before, for links that are gone.
    public func conditions(
        for event: LinkEvent, earlier: LinkDirectory?
    ) -> [(event: RuleEvent, condition: AlertCondition)] {
        var condition =
            known(event) ?? earlier?.known(event)
            ?? AlertCondition(AlertSubject(.link, event.name.description, namespace: label(event, earlier)))
        condition.subject.name = event.name.description
        if case .renamed(let old) = event.kind {
            condition.facts["old_name"] = old.description
            var gone = condition
            gone.subject.name = old.description
            // Under its old name nothing can end any more what is told of it.
            return [(.deleted, gone), (.renamed, condition)]
        }
        return RuleEvent.of(event.kind).map { ($0, condition) }
    }

    /// What rules are told of namespaces that came or went.
    ///
    /// - Parameter tellsOfNew: false while those are being found that were there before vexport.
    public func namespaceEvents(
        since earlier: LinkDirectory, tellsOfNew: Bool
    ) -> [(event: RuleEvent, condition: AlertCondition)] {
        let (before, now) = (Set(earlier.labels.values), Set(labels.values))
        func events(_ event: RuleEvent, _ labels: Set<EscapedText>) -> [(event: RuleEvent, condition: AlertCondition)] {
            labels.map(\.description).sorted()
                .map { (event, AlertCondition(AlertSubject(.namespace, $0))) }
        }
        return events(.namespaceDeleted, before.subtracting(now))
            + (tellsOfNew ? events(.namespaceCreated, now.subtracting(before)) : [])
    }

    /// Whether what an event began holds still.
    ///
    /// - Returns: nil when its subject is not there, or not yet.
    public func holds(_ event: RuleEvent, _ subject: AlertSubject) -> Bool? {
        if subject.kind == .namespace { return labels.values.contains { $0.description == subject.name } ? false : nil }
        guard let state = record(of: subject)?.link.state else { return nil }
        return switch event {
        case .deleted, .movedAway: false
        case .carrierDown: state.carrier.isUp != true
        case .adminDown: !state.flags.contains(.up)
        default: true
        }
    }

    /// A condition of an event's link, if it is here.
    private func known(_ event: LinkEvent) -> AlertCondition? {
        records[event.place].flatMap { $0.link.identity == event.link ? condition(for: $0) : nil }
    }

    /// That of an event's namespace; empty for vexport's own, and for one that is not known.
    private func label(_ event: LinkEvent, _ earlier: LinkDirectory?) -> String {
        (labels[event.place.namespace] ?? earlier?.labels[event.place.namespace])?.description ?? ""
    }
}
