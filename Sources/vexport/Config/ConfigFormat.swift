import VexportCore

/// How a value is written in the configuration.
struct ConfigFormat<Value>: Sendable {
    /// In words that follow "expected".
    let takes: String
    /// What may be inside a value.
    let nested: [ConfigRow]
    /// Reads a value; when it can't, adds to the problems and returns nil.
    let read: @Sendable (YAMLNode, inout [ConfigProblem]) -> Value?
    /// Writes a value as a file would.
    let show: @Sendable (Value) -> String

    /// A value that is one scalar.
    init(
        scalar takes: String, show: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.takes = takes
        self.show = show
        nested = []
        read = { node, problems in
            if case .scalar(let text, _) = node.content, let value = parse(text) { return value }
            problems.append(ConfigProblem(node.place, "expected \(takes), got \(node.shown)"))
            return nil
        }
    }

    init(
        takes: String, nested: [ConfigRow], show: @escaping @Sendable (Value) -> String,
        read: @escaping @Sendable (YAMLNode, inout [ConfigProblem]) -> Value?
    ) {
        self.takes = takes
        self.nested = nested
        self.show = show
        self.read = read
    }
}

extension ConfigFormat where Value: ConfigSection {
    static var section: ConfigFormat {
        ConfigFormat(takes: "a section", nested: Value.rows, show: { _ in "" }) { Value.read($0, &$1) }
    }
}

extension ConfigFormat {
    /// A list of values; a single one is no list.
    static func list<Element>(of element: ConfigFormat<Element>) -> ConfigFormat where Value == [Element] {
        ConfigFormat(
            takes: "a list of \(element.takes)", nested: element.nested.map(\.inList),
            show: { "[" + $0.map(element.show).joined(separator: ", ") + "]" }
        ) { node, problems in
            guard case .sequence(let nodes) = node.content else {
                problems.append(ConfigProblem(node.place, "expected a list, got \(node.shown)"))
                return nil
            }
            return nodes.compactMap { element.read($0, &problems) }
        }
    }
}

extension ConfigFormat where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> ConfigFormat {
        ConfigFormat(scalar: "a whole number from \(range.lowerBound) to \(range.upperBound)", show: { String($0) }) {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigFormat where Value == Duration {
    /// As Prometheus writes them: `250ms`, `1m30s`.
    static func duration(_ range: ClosedRange<Duration>) -> ConfigFormat {
        ConfigFormat(
            scalar: "a duration from \(range.lowerBound.prometheusText) to \(range.upperBound.prometheusText)",
            show: { $0.prometheusText }
        ) { Duration(prometheusText: $0).flatMap { range.contains($0) ? $0 : nil } }
    }
}

extension ConfigFormat where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    static var choice: ConfigFormat {
        ConfigFormat(scalar: Value.allCases.map(\.rawValue).joined(separator: " or "), show: { $0.rawValue }) {
            Value(rawValue: $0)
        }
    }
}

extension ConfigFormat where Value == LinkPattern {
    /// At least one of its keys, so that no pattern matches every link by mistake.
    static var linkPattern: ConfigFormat {
        ConfigFormat(
            takes: "{name, kind, netns} with at least one of them", nested: LinkPattern.rows, show: { "\($0)" }
        ) { node, problems in
            let before = problems.count
            let pattern = LinkPattern.read(node, &problems)
            guard problems.count == before else { return nil }
            guard pattern != LinkPattern() else {
                problems.append(ConfigProblem(node.place, "expected name, kind or netns: this would match every link"))
                return nil
            }
            return pattern
        }
    }
}

extension ConfigFormat where Value == String? {
    /// Text of at most 256 bytes.
    static func text(_ takes: String) -> ConfigFormat {
        ConfigFormat(scalar: takes, show: { $0 ?? "" }) { (1...256).contains($0.utf8.count) ? .some($0) : .none }
    }
}

extension Duration {
    private static let units: [(name: String, length: Duration)] = [
        ("d", .seconds(86_400)), ("h", .seconds(3600)), ("m", .seconds(60)), ("s", .seconds(1)),
        ("ms", .milliseconds(1)),
    ]

    /// Reads Prometheus' way of writing a duration: whole numbers with units, the largest first.
    init?(prometheusText text: String) {
        var rest = text[...]
        var sum = Duration.zero
        var units = Self.units[...]
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let name = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard digits.count <= 9, let number = Int64(digits),
                let place = units.firstIndex(where: { $0.name == name })
            else { return nil }
            sum += units[place].length * Int(number)
            units = units[(place + 1)...]
            rest = rest.dropFirst(digits.count + name.count)
        } while !rest.isEmpty
        self = sum
    }

    /// The same the other way round, to the millisecond.
    var prometheusText: String {
        var rest = self
        var text = ""
        for unit in Self.units {
            let count = Int(rest / unit.length)
            if count > 0 { text += "\(count)\(unit.name)" }
            rest -= unit.length * count
        }
        return text.isEmpty ? "0s" : text
    }
}
