import FoundationEssentials

/// JSON of a message that is written down where it is made.
enum JSONValue: Encodable, Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    case text(String)
    case number(Int)
    case bool(Bool)
    case list([JSONValue])
    case object([String: JSONValue])

    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .text(let text): try text.encode(to: encoder)
        case .number(let number): try number.encode(to: encoder)
        case .bool(let bool): try bool.encode(to: encoder)
        case .list(let list): try list.encode(to: encoder)
        case .object(let object): try object.encode(to: encoder)
        }
    }

    init(_ labels: [String: String]) { self = .object(labels.mapValues { .text($0) }) }

    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Of the cases above none can fail.
        guard let data = try? encoder.encode(self) else { preconditionFailure("a value that JSON has no form for") }
        return Array(data)
    }
}
