/// A test of one label, as Alertmanager writes it: `severity="page"`, `device=~"tap.*"`, `!=` and `!~` for the opposite.
public struct LabelMatcher: Sendable, CustomStringConvertible {
    private enum Operation: String, CaseIterable {
        // The longer ones first, as they are looked for.
        case matches = "=~"
        case differs = "!="
        case matchesNot = "!~"
        case equals = "="
    }

    public let name: String
    public let value: String
    private let operation: Operation
    private let pattern: RegularExpression?

    /// - Returns: nil when `text` is not of the form. The value may be quoted, then with `\"`, `\\` and `\n`.
    public init?(_ text: String) {
        let text = text.trimmed
        let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let rest = text.dropFirst(name.count).trimmed
        guard !name.isEmpty, !name.first!.isNumber,
            let operation = Operation.allCases.first(where: { rest.hasPrefix($0.rawValue) }),
            let value = Self.unquoted(rest.dropFirst(operation.rawValue.count).trimmed)
        else { return nil }
        self.name = String(name)
        self.value = value
        self.operation = operation
        switch operation {
        case .matches, .matchesNot:
            guard let pattern = RegularExpression(value) else { return nil }
            self.pattern = pattern
        case .equals, .differs: pattern = nil
        }
    }

    /// A label that is missing is the empty text.
    public func matches(_ labels: LabelSet) -> Bool {
        let present = labels[name] ?? ""
        return switch operation {
        case .equals: present == value
        case .differs: present != value
        case .matches: pattern!.matches(present)
        case .matchesNot: !pattern!.matches(present)
        }
    }

    public var description: String { "\(name)\(operation.rawValue)\"\(Self.escaped(value))\"" }

    /// What stands between quotes: quotes, backslashes and line ends escaped.
    static func escaped(_ value: String) -> String {
        let mustEscape = value.utf8.contains { byte in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\n")
        }
        guard mustEscape else { return value }
        return value.reduce(into: "") { text, character in
            switch character {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }

    private static func unquoted(_ text: Substring) -> String? {
        guard text.hasPrefix("\"") else {
            return text.contains(where: { "\"{},\\".contains($0) }) ? nil : String(text)
        }
        var result = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            switch character {
            case "\"": return rest.isEmpty ? result : nil
            case "\\":
                switch rest.popFirst() {
                case "n": result += "\n"
                case let next? where next == "\"" || next == "\\": result.append(next)
                case let next?: result += "\\\(next)"
                case nil: return nil
                }
            default: result.append(character)
            }
        }
        return nil
    }
}

extension LabelMatcher: Codable, Equatable {
    public init(from decoder: any Decoder) throws {
        let text = try String(from: decoder)
        guard let matcher = LabelMatcher(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no matcher"))
        }
        self = matcher
    }

    public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }

    public static func == (left: LabelMatcher, right: LabelMatcher) -> Bool { left.description == right.description }
}

extension StringProtocol {
    /// Without the spaces at both ends.
    var trimmed: Substring {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
