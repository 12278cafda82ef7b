import VexportCore

/// A part of a YAML document, with its place in the file.
struct YAMLNode {
    enum Content {
        /// - Parameter isPlain: without quotes, so that `null` and `~` are no text.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the file's order. No key comes twice.
        case mapping([(key: String, keyPlace: YAMLPlace, value: YAMLNode)])
    }

    let content: Content
    let place: YAMLPlace
    /// How many nodes it has, itself and those behind aliases included.
    let size: Int

    /// Whether this is what YAML calls null: nothing, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What this is, for messages.
    var shown: String {
        switch content {
        case .scalar(let text, _): isNull ? "nothing" : vexport.shown(text)
        case .sequence: "a list"
        case .mapping: "a section"
        }
    }
}

/// Text of the file in quotes, for messages: short, and without control characters.
func shown(_ text: String) -> String {
    let escaped = EscapedText(text.utf8.prefix(64)).description
    return text.utf8.count > 64 ? "'\(escaped)…'" : "'\(escaped)'"
}

/// A place in a file: line and column, both counted from 1.
struct YAMLPlace: Equatable {
    var line: Int
    var column: Int
}

/// Something wrong in the configuration, with its place and what was expected there.
struct ConfigProblem: Error, Equatable {
    let place: YAMLPlace
    let text: String

    init(_ place: YAMLPlace, _ text: String) {
        self.place = place
        self.text = text
    }
}
