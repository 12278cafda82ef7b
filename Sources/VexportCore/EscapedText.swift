/// Text that came from outside as bytes (names, aliases): safe to show anywhere, and still telling them apart.
///
/// The kernel lets any byte but NUL, `/` and white space into a link's name: quotes, escapes, invalid UTF-8. Printable
/// UTF-8 stays as it is; `\` becomes `\\`; every byte of an invalid sequence, of a control character (C0, DEL, C1) and of
/// a character that steers bidirectional text or breaks a line becomes `\xHH`. Two different inputs never read the same,
/// and are compared byte by byte: Swift's strings take the two spellings of é for one, the kernel does not.
public struct EscapedText: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
    public let description: String

    /// Escapes what must be. O(n).
    public init(_ bytes: some Collection<UInt8>) {
        description = Self.text(bytes)
    }

    /// Takes text that was escaped elsewhere, such as a snapshot's: its backslashes stay, but what must not be shown is
    /// escaped here if it was not there. O(n).
    public init(escaped text: String) {
        guard text.unicodeScalars.contains(where: Self.isUnsafe) else {
            description = text
            return
        }
        var result = ""
        for scalar in text.unicodeScalars {
            if Self.isUnsafe(scalar) {
                for byte in String(scalar).utf8 { Self.append(escaped: byte, to: &result) }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        description = result
    }

    public init(stringLiteral value: String) {
        self.init(value.utf8)
    }

    public static func == (left: EscapedText, right: EscapedText) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte) }
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String {
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        var result = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            var iterator = rest.makeIterator()
            var decoder = UTF8()
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                let length = UTF8.width(scalar)
                if scalar == "\\" {
                    result += "\\\\"
                } else if isUnsafe(scalar) {
                    rest.prefix(length).forEach { append(escaped: $0, to: &result) }
                } else {
                    result.unicodeScalars.append(scalar)
                }
                rest = rest.dropFirst(length)
            case .error, .emptyInput:
                append(escaped: rest.first!, to: &result)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func append(escaped byte: UInt8, to text: inout String) {
        let digits = Array("0123456789abcdef".unicodeScalars)
        text += "\\x"
        text.unicodeScalars.append(digits[Int(byte >> 4)])
        text.unicodeScalars.append(digits[Int(byte & 15)])
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0: true
        case 0x061c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: true
        default: false
        }
    }
}
