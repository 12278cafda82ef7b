/// Reads Prometheus' text format 0.0.4, as text files and plugins write it.
///
/// Strict: what is not exactly the format is refused whole, since a half-written file or a program that died in the middle
/// of a line looks just so. Timestamps are refused too. Source: the exposition format's page of Prometheus' documentation.
public struct MetricText {
    /// Bytes of a line.
    static let longestLine = 64 << 10
    /// Of one sample.
    static let mostLabels = 64

    private var families: [ForeignFamily] = []
    private var places: [String: Int] = [:]
    /// Families whose `# TYPE` was read.
    private var typed: Set<Int> = []
    /// Where the last sample went: most lines are of the same family as the one before.
    private var last: (name: [UInt8], family: Int, suffix: String) = ([], -1, "")
    private var line = 0

    /// Reads a whole text.
    ///
    /// - Returns: its families, in the order in which they begin. Names and values may still be against `MetricRules`.
    /// - Throws: the first mistake, with its line.
    public static func parse(_ text: [UInt8]) throws(MetricProblem) -> [ForeignFamily] {
        var reader = MetricText()
        var start = 0
        while start < text.count {
            reader.line += 1
            guard let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) else {
                throw reader.problem("the last line has no end: it may have been cut off")
            }
            guard end - start <= longestLine else { throw reader.problem("longer than \(longestLine) bytes") }
            try reader.read(text[start..<end])
            start = end + 1
        }
        return reader.families.filter { !$0.samples.isEmpty }
    }

    private func problem(_ text: String, _ fault: MetricFault = .syntax) -> MetricProblem {
        MetricProblem(fault, "line \(line): \(text)")
    }

    private mutating func read(_ text: ArraySlice<UInt8>) throws(MetricProblem) {
        var cursor = LineCursor(text)
        cursor.skipBlanks()
        if cursor.isAtEnd { return }
        if cursor.take(UInt8(ascii: "#")) { return try readComment(&cursor) }
        let name = cursor.takeName(colons: true)
        guard !name.isEmpty else { throw problem("expected a metric's name") }
        cursor.skipBlanks()
        var labels: [Label] = []
        if cursor.take(UInt8(ascii: "{")) { labels = try readLabels(&cursor) }
        cursor.skipBlanks()
        let word = cursor.takeWord()
        guard let value = Self.number(word) else {
            throw problem("expected a number, got '\(EscapedText(word.prefix(64)))'")
        }
        cursor.skipBlanks()
        guard cursor.isAtEnd else {
            let rest = cursor.takeWord()
            cursor.skipBlanks()
            guard cursor.isAtEnd, Int64(String(decoding: rest, as: UTF8.self)) != nil else {
                throw problem("expected the end of the line after the value")
            }
            throw problem("a timestamp, which is not allowed here", .timestamp)
        }
        let (family, suffix) = place(of: name)
        families[family].samples.append(
            ForeignSample(family: families[family].name, suffix: suffix, labels: labels, value: value))
    }

    private mutating func readComment(_ cursor: inout LineCursor) throws(MetricProblem) {
        cursor.skipBlanks()
        let word = cursor.takeWord()
        let isHelp = word.elementsEqual("HELP".utf8)
        guard isHelp || word.elementsEqual("TYPE".utf8) else { return }
        cursor.skipBlanks()
        let name = cursor.takeName(colons: true)
        guard !name.isEmpty, cursor.isAtEnd || cursor.isAtBlank else { throw problem("expected a metric's name") }
        cursor.skipBlanks()
        let family = addFamily(String(decoding: name, as: UTF8.self))
        if isHelp {
            guard families[family].help == nil else { throw problem("a second HELP of \(families[family].name)") }
            families[family].help = try unescape(cursor.rest, quotes: false)
            return
        }
        let type = cursor.takeWord()
        cursor.skipBlanks()
        guard cursor.isAtEnd, let kind = ForeignFamily.Kind(rawValue: String(decoding: type, as: UTF8.self)) else {
            throw problem("expected counter, gauge, histogram, summary or untyped")
        }
        guard families[family].samples.isEmpty, typed.insert(family).inserted else {
            throw problem("a TYPE of \(families[family].name) after its first sample or TYPE")
        }
        families[family].kind = kind
    }

    private func readLabels(_ cursor: inout LineCursor) throws(MetricProblem) -> [Label] {
        var labels: [Label] = []
        while true {
            cursor.skipBlanks()
            if cursor.take(UInt8(ascii: "}")) { break }
            let name = cursor.takeName(colons: false)
            cursor.skipBlanks()
            guard !name.isEmpty, cursor.take(UInt8(ascii: "=")) else {
                throw problem("expected a label's name and '='")
            }
            cursor.skipBlanks()
            guard cursor.take(UInt8(ascii: "\"")), let value = cursor.takeQuoted() else {
                throw problem("expected a label's value in quotes")
            }
            guard labels.count < Self.mostLabels else { throw problem("more than \(Self.mostLabels) labels") }
            labels.append(Label(String(decoding: name, as: UTF8.self), try unescape(value, quotes: true)))
            cursor.skipBlanks()
            if cursor.take(UInt8(ascii: ",")) { continue }
            guard cursor.take(UInt8(ascii: "}")) else { throw problem("expected ',' or '}' after a label") }
            break
        }
        labels.sort { $0.name < $1.name }
        guard zip(labels, labels.dropFirst()).allSatisfy({ $0.name != $1.name }) else {
            throw problem("a label twice")
        }
        // To Prometheus an empty label is no label.
        return labels.filter { !$0.value.isEmpty }
    }

    private func unescape(_ text: ArraySlice<UInt8>, quotes: Bool) throws(MetricProblem) -> String {
        var bytes = text[...]
        if text.contains(UInt8(ascii: "\\")) {
            var plain: [UInt8] = []
            var isEscape = false
            for byte in text {
                if isEscape {
                    switch byte {
                    case UInt8(ascii: "\\"): plain.append(byte)
                    case UInt8(ascii: "n"): plain.append(UInt8(ascii: "\n"))
                    case UInt8(ascii: "\"") where quotes: plain.append(byte)
                    default: throw problem("a backslash before something else than \\, n\(quotes ? " or \"" : "")")
                    }
                    isEscape = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscape = true
                } else {
                    plain.append(byte)
                }
            }
            guard !isEscape else { throw problem("a backslash before nothing") }
            bytes = plain[...]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw problem("bytes that are no UTF-8") }
        return EscapedText(escaped: text).description
    }

    private mutating func addFamily(_ name: String) -> Int {
        if let known = places[name] { return known }
        places[name] = families.count
        families.append(ForeignFamily(name: name))
        return families.count - 1
    }

    /// The family that a sample of this name belongs to.
    private mutating func place(of name: ArraySlice<UInt8>) -> (family: Int, suffix: String) {
        if last.name.elementsEqual(name) { return (last.family, last.suffix) }
        let text = String(decoding: name, as: UTF8.self)
        var found: (family: Int, suffix: String)?
        if places[text] == nil {
            for suffix in ["_bucket", "_sum", "_count"] where text.hasSuffix(suffix) {
                if let family = places[String(text.dropLast(suffix.count))],
                    ForeignFamily.suffixes(families[family].kind).contains(suffix)
                {
                    found = (family, suffix)
                }
            }
        }
        let (family, suffix) = found ?? (addFamily(text), "")
        last = (Array(name), family, suffix)
        return (family, suffix)
    }

    /// A number as Go reads it, without hexadecimal ones.
    static func number(_ word: ArraySlice<UInt8>) -> Double? {
        guard (1...64).contains(word.count) else { return nil }
        let text = String(decoding: word, as: UTF8.self)
        switch text.lowercased() {
        case "nan": return .nan
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default:
            guard word.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }) else { return nil }
            // Too large for a Double is not a number that anybody meant.
            return Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
    }
}
