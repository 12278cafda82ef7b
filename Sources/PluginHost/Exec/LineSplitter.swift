/// Cuts what a program prints into lines, as it comes.
struct LineSplitter {
    /// Bytes of a line. What a longer one has beyond is left out.
    private let longest: Int
    private var line: [UInt8] = []

    init(longest: Int) {
        self.longest = longest
    }

    /// Takes more bytes.
    ///
    /// - Returns: the lines that they end, without their ends.
    mutating func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(line)
                line.removeAll(keepingCapacity: true)
            } else if line.count < longest {
                line.append(byte)
            }
        }
        return lines
    }
}
