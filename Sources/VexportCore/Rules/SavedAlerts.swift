import FoundationEssentials

/// What outlives a restart of alerts and of what was told of them, as rows: a change writes only the rows that it changes.
public struct SavedAlerts: Sendable {
    /// One row: JSON, or nil when there is to be none any more.
    public typealias Row = (name: String, value: [UInt8]?)

    /// The first word of a row's name.
    private enum Kind {
        static let alert = "alert "
        static let group = "group "
        static let member = "member "
    }

    /// An alert that a group's channel is told of.
    private struct Member: Codable {
        var alert: Alert
        var isTold: Bool
    }

    /// Those that are pending or firing.
    private var active: [LabelSet: Alert] = [:]
    /// By `AlertGroup.id`.
    private var groups: [String: AlertGroup] = [:]
    private var silences = Silences()
    /// Whether rows of an earlier version were read, which are not those that are written here.
    public private(set) var isOfOldForm = false

    public init() {}

    public init(_ engine: RuleEngine, _ dispatcher: AlertDispatcher) {
        active = Dictionary(engine.active.lazy.map { ($0.labels, $0) }) { $1 }
        groups = Dictionary(dispatcher.saved.groups.map { ($0.id, $0) }) { $1 }
        silences = dispatcher.silences
    }

    public var alerts: [Alert] { Array(active.values) }

    public var dispatcher: AlertDispatcher.Saved {
        var saved = AlertDispatcher.Saved()
        (saved.groups, saved.silences) = (Array(groups.values), silences)
        return saved
    }

    /// What must be written so that this is stored where `old` was. O(n), of which most is comparing.
    public func rows(since old: SavedAlerts) -> [Row] {
        let encoder = JSONEncoder()
        var rows: [Row] = []
        func put(_ name: String, _ value: some Encodable) {
            guard let data = try? encoder.encode(value) else {
                preconditionFailure("\(type(of: value)) is not for JSON")
            }
            rows.append((name, Array(data)))
        }
        for (labels, alert) in active where old.active[labels]?.state != alert.state {
            put(Kind.alert + labels.fingerprint, alert)
        }
        for labels in old.active.keys where active[labels] == nil {
            rows.append((Kind.alert + labels.fingerprint, nil))
        }
        for (id, group) in groups {
            let before = old.groups[id]
            if group.header != before?.header { put(Kind.group + id, group.header) }
            for (labels, alert) in group.alerts {
                let isTold = group.told.contains(labels)
                if let before, before.alerts[labels]?.state == alert.state, before.told.contains(labels) == isTold {
                    continue
                }
                put(Self.memberName(id, labels), Member(alert: alert, isTold: isTold))
            }
        }
        for (id, group) in old.groups {
            if groups[id] == nil { rows.append((Kind.group + id, nil)) }
            for labels in group.alerts.keys where groups[id]?.alerts[labels] == nil {
                rows.append((Self.memberName(id, labels), nil))
            }
        }
        if silences != old.silences { put("silences", silences) }
        return rows
    }

    /// Takes in a row that was written. Call it by the rows' names in order.
    ///
    /// - Throws: when it can't be understood, and so is left out.
    public mutating func read(_ name: String, _ value: [UInt8]) throws {
        func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(value))
        }
        if name.hasPrefix(Kind.alert) {
            let alert = try decoded(Alert.self)
            active[alert.labels] = alert
        } else if name.hasPrefix(Kind.group) {
            groups[String(name.dropFirst(Kind.group.count))] = try decoded(AlertGroup.self)
        } else if name.hasPrefix(Kind.member) {
            let member = try decoded(Member.self)
            let id = name.dropFirst(Kind.member.count).dropLast(1 + member.alert.labels.fingerprint.count)
            groups[String(id)]?.restore(member.alert, isTold: member.isTold)
        } else if name == "silences" {
            silences = try decoded(Silences.self)
        } else if name == "alerts" {
            isOfOldForm = true
            for alert in try decoded([Alert].self) { active[alert.labels] = alert }
        } else if name == "dispatcher" {
            isOfOldForm = true
            let saved = try decoded(AlertDispatcher.Saved.self)
            groups = Dictionary(saved.groups.map { ($0.id, $0) }) { $1 }
            silences = saved.silences
        }
    }

    private static func memberName(_ group: String, _ labels: LabelSet) -> String {
        "\(Kind.member)\(group) \(labels.fingerprint)"
    }
}
