/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private let longest: Int
    private var rest: [UInt8] = []

    /// - Parameter longest: how many bytes a line may have.
    init(longest: Int) {
        self.longest = longest
    }

    /// Takes in bytes.
    ///
    /// - Returns: the lines that they end, without the ends; nil when a line is too long.
    mutating func append(_ bytes: some Collection<UInt8>) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        var bytes = bytes[...]
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            guard rest.count + bytes.distance(from: bytes.startIndex, to: end) <= longest else { return nil }
            lines.append(rest + bytes[..<end])
            rest = []
            bytes = bytes[bytes.index(after: end)...]
        }
        guard rest.count + bytes.count <= longest else { return nil }
        rest += bytes
        return lines
    }

    /// What came after the last line's end; nil when nothing did.
    var unfinished: [UInt8]? { rest.isEmpty ? nil : rest }
}
