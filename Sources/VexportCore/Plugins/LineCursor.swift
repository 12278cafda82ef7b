/// Goes through one line of the text format.
struct LineCursor {
    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    var isAtEnd: Bool { place == bytes.endIndex }
    var isAtBlank: Bool { !isAtEnd && Self.isBlank(bytes[place]) }
    var rest: ArraySlice<UInt8> { bytes[place...] }

    mutating func skipBlanks() {
        while isAtBlank { place += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard !isAtEnd, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    /// Takes what is no blank.
    mutating func takeWord() -> ArraySlice<UInt8> {
        let start = place
        while !isAtEnd, !Self.isBlank(bytes[place]) { place += 1 }
        return bytes[start..<place]
    }

    /// Takes letters, digits and `_`, but no digit first.
    ///
    /// - Parameter colons: whether `:` is as good as a letter.
    mutating func takeName(colons: Bool) -> ArraySlice<UInt8> {
        let start = place
        while !isAtEnd {
            switch bytes[place] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where place > start: break
            case UInt8(ascii: ":") where colons: break
            default: return bytes[start..<place]
            }
            place += 1
        }
        return bytes[start..<place]
    }

    /// Takes all up to a quote that no backslash is before, and that quote; nil when there is none.
    mutating func takeQuoted() -> ArraySlice<UInt8>? {
        let start = place
        while !isAtEnd {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                defer { place += 1 }
                return bytes[start..<place]
            case UInt8(ascii: "\\"): place = min(place + 2, bytes.endIndex)
            default: place += 1
            }
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
