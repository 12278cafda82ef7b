/// A link's counters, or what they grow by, each under its name; nil for one that was not read.
public struct CounterValues<Value: Codable & Equatable & Sendable>: Equatable, Sendable {
    /// By `LinkCounter.rawValue`.
    private var values = [Value?](repeating: nil, count: LinkCounter.allCases.count)

    public init() {}

    public subscript(counter: LinkCounter) -> Value? {
        get { values[counter.rawValue] }
        set { values[counter.rawValue] = newValue }
    }

    /// nil when none has a value.
    init?(_ value: (LinkCounter) -> Value?) {
        for counter in LinkCounter.allCases { self[counter] = value(counter) }
        guard values.contains(where: { $0 != nil }) else { return nil }
    }
}

extension CounterValues: Codable {
    private struct Key: CodingKey {
        let counter: LinkCounter

        init(_ counter: LinkCounter) {
            self.counter = counter
        }

        init?(stringValue: String) {
            guard let counter = LinkCounter.byLabel[stringValue] else { return nil }
            self.counter = counter
        }

        var stringValue: String { counter.label }

        init?(intValue: Int) { nil }
        var intValue: Int? { nil }
    }

    /// Counters of other names, which a later vexport may have, are passed over.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys { self[key.counter] = try container.decode(Value.self, forKey: key) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for counter in LinkCounter.allCases { try container.encodeIfPresent(self[counter], forKey: Key(counter)) }
    }
}

extension LinkCounter {
    /// Its metric's name without what all have: `receive_bytes` for `vexport_link_receive_bytes_total`.
    public var label: String { Self.labels[rawValue] }

    private static let labels: [String] = {
        var labels = [String](repeating: "", count: allCases.count)
        for row in LinkMetrics.counters {
            guard case .counter(let counter, plus: []) = row.reading else { continue }
            labels[counter.rawValue] = String(row.metric.family.split(separator: "_", maxSplits: 2)[2])
        }
        return labels
    }()

    fileprivate static let byLabel = Dictionary(uniqueKeysWithValues: allCases.map { ($0.label, $0) })
}
