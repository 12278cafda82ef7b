/// A part of the configuration: a value with defaults, and the keys by which a file changes it.
protocol ConfigSection: Sendable, Equatable {
    init()
    static var keys: [ConfigKey<Self>] { get }
}

/// One key of a section.
struct ConfigKey<Section>: Sendable {
    let name: String
    /// What it takes, with its range.
    let takes: String
    let standard: String
    /// One sentence, with the unit where `takes` does not say it.
    let help: String
    /// What may be inside its value.
    let nested: [ConfigRow]
    let read: @Sendable (YAMLNode, inout Section, inout [ConfigProblem]) -> Void
}

extension ConfigSection {
    /// A key for a value of the section.
    static func key<Value>(
        _ name: String, _ path: any WritableKeyPath<Self, Value> & Sendable, _ format: ConfigFormat<Value>,
        _ help: String
    ) -> ConfigKey<Self> {
        ConfigKey(
            name: name, takes: format.takes, standard: format.show(Self()[keyPath: path]), help: help,
            nested: format.nested
        ) { node, section, problems in
            if let value = format.read(node, &problems) { section[keyPath: path] = value }
        }
    }

    /// Reads a section. What is wrong is added to `problems`; the rest is read all the same, so that all of it is told.
    static func read(_ node: YAMLNode, _ problems: inout [ConfigProblem]) -> Self {
        var section = Self()
        guard !node.isNull else { return section }
        guard case .mapping(let pairs) = node.content else {
            problems.append(ConfigProblem(node.place, "expected \(keyList), got \(node.shown)"))
            return section
        }
        for (name, place, value) in pairs {
            guard let key = keys.first(where: { $0.name == name }) else {
                let suggestion = Suggestion.text(for: name, among: keys.map(\.name))
                problems.append(ConfigProblem(place, "unknown key \(shown(name))\(suggestion); expected \(keyList)"))
                continue
            }
            // A key without a value, as when all below it is commented out, keeps the default.
            if !value.isNull { key.read(value, &section, &problems) }
        }
        return section
    }

    /// The section's keys and all that may be inside them, in order.
    static var rows: [ConfigRow] {
        keys.flatMap { key in
            [ConfigRow(path: [key.name], takes: key.takes, standard: key.standard, help: key.help)]
                + key.nested.map {
                    ConfigRow(path: [key.name] + $0.path, takes: $0.takes, standard: $0.standard, help: $0.help)
                }
        }
    }

    private static var keyList: String {
        let names = keys.map(\.name)
        return names.count == 1 ? names[0] : names.dropLast().joined(separator: ", ") + " or " + names.last!
    }
}

/// A key of the configuration with its place: what the reference shows.
struct ConfigRow: Sendable {
    /// `[]` stands for every element of a list.
    var path: [String]
    let takes: String
    /// Empty for a section.
    let standard: String
    let help: String

    /// The same in every element of a list.
    var inList: ConfigRow {
        var row = self
        row.path = ["[]"] + path
        return row
    }
}
