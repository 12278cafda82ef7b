/// The labels of an alert or a group: names and values, compared as a whole.
public struct LabelSet: Hashable, Sendable {
    public private(set) var values: [String: String]

    public init(_ values: [String: String] = [:]) {
        // Most have none, and a set is made for each alert.
        self.values = values.values.contains("") ? values.filter { !$0.value.isEmpty } : values
    }

    /// An empty value is no label.
    public subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue?.isEmpty == true ? nil : newValue }
    }

    /// These labels, and `others` where they say more or something else.
    public func merging(_ others: [String: String]) -> LabelSet {
        LabelSet(values.merging(others) { $1 })
    }

    /// Only those that both have with the same value.
    public func common(with other: LabelSet) -> LabelSet {
        LabelSet(values.filter { other.values[$0.key] == $0.value })
    }

    /// The pairs by name.
    public var sorted: [(name: String, value: String)] {
        values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }

    /// 16 hexadecimal digits that stand for the labels: FNV-1a over names and values, each followed by a byte 255. The
    /// same as Prometheus' and Alertmanager's. Source: prometheus/common, model/signature.go.
    public var fingerprint: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for (name, value) in sorted {
            for text in [name, value] {
                for byte in text.utf8 { add(byte) }
                add(255)
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension LabelSet: Codable {
    public init(from decoder: any Decoder) throws {
        values = try [String: String](from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        try values.encode(to: encoder)
    }
}

extension LabelSet: CustomStringConvertible {
    /// `{device="veth0", netns="blue"}`, quotes, backslashes and line ends escaped.
    public var description: String {
        let pairs = sorted.map { name, value in
            let escaped = value.flatMap { character in
                switch character {
                case "\"": "\\\""
                case "\\": "\\\\"
                case "\n": "\\n"
                default: String(character)
                }
            }
            return "\(name)=\"\(String(escaped))\""
        }
        return "{\(pairs.joined(separator: ", "))}"
    }
}
