/// The labels of an alert or a group: names and values, compared as a whole.
///
/// They are made once and looked up by over and over, so they are kept in order with their hash.
public struct LabelSet: Sendable {
    private struct Pair: Equatable {
        let name: String
        var value: String
    }

    /// By name.
    private let pairs: [Pair]
    private let hash: UInt64

    private init(pairs: [Pair]) {
        self.pairs = pairs
        hash = Self.hash(pairs)
    }

    /// An empty value is no label.
    public init(_ values: [String: String] = [:]) {
        self = LabelSet(pairs: []).merging(values)
    }

    /// O(n), as there are few.
    public subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    public var values: [String: String] {
        Dictionary(uniqueKeysWithValues: pairs.map { ($0.name, $0.value) })
    }

    /// The pairs by name.
    public var sorted: [(name: String, value: String)] { pairs.map { ($0.name, $0.value) } }

    /// These labels, and `others` where they say more or something else. An empty value takes a label away.
    public func merging(_ others: some Sequence<(key: String, value: String)>) -> LabelSet {
        var pairs = pairs
        pairs.reserveCapacity(pairs.count + others.underestimatedCount)
        for (name, value) in others {
            let place = pairs.firstIndex { $0.name >= name } ?? pairs.endIndex
            let isKnown = place < pairs.endIndex && pairs[place].name == name
            switch (isKnown, value.isEmpty) {
            case (true, true): pairs.remove(at: place)
            case (true, false): pairs[place].value = value
            case (false, true): break
            case (false, false): pairs.insert(Pair(name: name, value: value), at: place)
            }
        }
        return LabelSet(pairs: pairs)
    }

    /// Only some of them.
    public func filter(_ isIncluded: (_ name: String, _ value: String) -> Bool) -> LabelSet {
        LabelSet(pairs: pairs.filter { isIncluded($0.name, $0.value) })
    }

    /// FNV-1a over names and values, each followed by a byte 255.
    private static func hash(_ pairs: [Pair]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for pair in pairs {
            for byte in pair.name.utf8 { add(byte) }
            add(255)
            for byte in pair.value.utf8 { add(byte) }
            add(255)
        }
        return hash
    }

    /// 16 hexadecimal digits that stand for the labels, the same as Prometheus' and Alertmanager's. Source:
    /// prometheus/common, model/signature.go.
    public var fingerprint: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension LabelSet: Hashable {
    public static func == (left: LabelSet, right: LabelSet) -> Bool {
        left.hash == right.hash && left.pairs == right.pairs
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

extension LabelSet: Comparable {
    /// By the first name or value that differs.
    public static func < (left: LabelSet, right: LabelSet) -> Bool {
        left.pairs.lexicographicallyPrecedes(right.pairs) { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}

extension LabelSet: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try [String: String](from: decoder))
    }

    public func encode(to encoder: any Encoder) throws {
        try values.encode(to: encoder)
    }
}

extension LabelSet: CustomStringConvertible {
    /// `{device="veth0", netns="blue"}`, quotes, backslashes and line ends escaped.
    public var description: String {
        "{\(pairs.map { "\($0.name)=\"\(LabelMatcher.escaped($0.value))\"" }.joined(separator: ", "))}"
    }
}
