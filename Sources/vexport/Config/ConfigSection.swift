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
    let read: @Sendable (YAMLNode, inout Section, inout [ConfigProblem]) -> Void
}

extension ConfigSection {
    /// A key for a value of the section.
    static func key<Value>(
        _ name: String, _ path: any WritableKeyPath<Self, Value> & Sendable, _ format: ConfigFormat<Value>,
        _ help: String
    ) -> ConfigKey<Self> {
        ConfigKey(name: name, takes: format.takes, standard: format.show(Self()[keyPath: path]), help: help) {
            node, section, problems in
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

    private static var keyList: String {
        let names = keys.map(\.name)
        return names.count == 1 ? names[0] : names.dropLast().joined(separator: ", ") + " or " + names.last!
    }
}
