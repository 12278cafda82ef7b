/// The links of a frame by place, to say of one of them what it is and what it hangs on.
public final class LinkDirectory: Sendable {
    private let records: [LinkPlace: LinkRecord]

    /// Before the first frame: it knows nothing.
    public static let empty = LinkDirectory()

    private init() { records = [:] }

    public init(_ links: FrameLinks) {
        var byPlace: [LinkPlace: LinkRecord] = [:]
        byPlace.reserveCapacity(links.slotCount)
        for slot in 0..<links.slotCount {
            if let record = links[slot] { byPlace[record.link.place] = record }
        }
        records = byPlace
    }

    /// A condition of a link, with what it hangs on: its bridge and its namespace.
    public func condition(for record: LinkRecord, value: Double? = nil) -> AlertCondition {
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
        return AlertCondition(
            AlertSubject(.link, state.name.description, namespace: namespace), dependsOn: causes, value: value,
            facts: facts)
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
            conditions[finding.kind.rawValue, default: []].append(condition)
        }
        return conditions
    }

    /// What rules are told of an event.
    public func conditions(for event: LinkEvent) -> [(name: String, condition: AlertCondition)] {
        let record = records[event.place].flatMap { $0.link.identity == event.link ? $0 : nil }
        var condition =
            record.map { self.condition(for: $0) }
            ?? AlertCondition(
                AlertSubject(
                    .link, event.name.description, namespace: namespaceLabel(event.place.namespace)?.description ?? ""))
        condition.subject.name = event.name.description
        if case .renamed(let old) = event.kind {
            condition.facts["old_name"] = old.description
            var gone = condition
            gone.subject.name = old.description
            // Under its old name nothing can end any more what is told of it.
            return [(RuleEvent.deleted.rawValue, gone), (RuleEvent.renamed.rawValue, condition)]
        }
        return RuleEvent.of(event.kind).map { ($0.rawValue, condition) }
    }

    /// The events that must have happened unseen, since an alert of a rule on `event` still waits for its end: after a
    /// restart.
    public func missedEvents(_ event: RuleEvent, _ subject: AlertSubject) -> [(name: String, condition: AlertCondition)]
    {
        let state = records.values.first {
            $0.link.state.name.description == subject.name && $0.namespace?.description ?? "" == subject.namespace
        }?.link.state
        let missed: RuleEvent? =
            switch (event, state) {
            case (.deleted, nil), (.movedAway, nil): nil
            case (.deleted, .some), (.movedAway, .some): .created
            case (_, nil): .deleted
            case (.carrierDown, let state?): state.carrier.isUp == true ? .carrierUp : nil
            case (.adminDown, let state?): state.flags.contains(.up) ? .adminUp : nil
            default: nil
            }
        return missed.map { [($0.rawValue, AlertCondition(subject))] } ?? []
    }

    /// The label of a namespace that has other links still; nil for vexport's own, and for one that is not known.
    private func namespaceLabel(_ namespace: NamespaceID) -> EscapedText? {
        if namespace == .own { return nil }
        return records.values.first { $0.link.place.namespace == namespace }?.namespace
    }
}
