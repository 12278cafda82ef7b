/// Text with places for values: `{{ device }} lost its carrier`.
///
/// What stands between the braces is a name: a label, a fact of the finding, or `value`. A name that this alert has no
/// value for leaves nothing. There is no logic in it: text from outside is put in as it is and never read as a template.
public struct AlertTemplate: Hashable, Sendable, CustomStringConvertible {
    private enum Part: Hashable, Sendable {
        case text(String)
        case name(String)
    }

    /// Why a text is no template.
    public struct Fault: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    public let description: String
    private let parts: [Part]

    /// - Throws: when a brace is not closed, or no name stands between two.
    public init(_ text: String) throws(Fault) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = Self.pair(UInt8(ascii: "{"), in: rest) {
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            rest = rest[rest.utf8.index(open, offsetBy: 2)...]
            guard let close = Self.pair(UInt8(ascii: "}"), in: rest) else {
                throw Fault(description: "'{{' without '}}' after it")
            }
            let name = rest[..<close].split(separator: " ").joined(separator: " ")
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
                throw Fault(description: "expected a name between '{{' and '}}', got '\(EscapedText(name.utf8))'")
            }
            parts.append(.name(name))
            rest = rest[rest.utf8.index(close, offsetBy: 2)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
        description = text
    }

    /// A template of the program's own.
    init(own text: String) {
        do throws(Fault) { try self.init(text) } catch { preconditionFailure("\(text): \(error)") }
    }

    /// Puts values in. O(n).
    public func render(_ value: (String) -> String?) -> String {
        parts.reduce(into: "") { result, part in
            switch part {
            case .text(let text): result += text
            case .name(let name): result += value(name) ?? ""
            }
        }
    }

    /// The names in it, in order.
    public var names: [String] {
        parts.compactMap { if case .name(let name) = $0 { name } else { nil } }
    }

    /// Where a byte first comes twice in a row. The standard library's search would link its regular expressions.
    private static func pair(_ byte: UInt8, in text: Substring) -> Substring.Index? {
        text.utf8.indices.first { index in
            let next = text.utf8.index(after: index)
            return text.utf8[index] == byte && next < text.utf8.endIndex && text.utf8[next] == byte
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension Double {
    /// At most two places after the point, for people.
    var shortText: String {
        guard isFinite, magnitude < 1e15 else { return description }
        let hundredths = (self * 100).rounded()
        let whole = (hundredths / 100)
        return whole == whole.rounded() ? String(Int64(whole)) : String(whole)
    }
}
