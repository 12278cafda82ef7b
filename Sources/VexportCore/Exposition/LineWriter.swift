/// Appends to the caller's memory. Every append stays inside it: callers ask for `space` first, else it traps.
@safe
struct LineWriter: ~Copyable {
    /// More than any number and the line's end take: 20 digits of a UInt64, 24 bytes of a Double.
    static let longestNumber = 32

    private let start: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private(set) var count = 0

    init(_ buffer: UnsafeMutableRawBufferPointer) {
        unsafe start = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
        capacity = buffer.count
    }

    var space: Int { capacity - count }

    @inline(__always)
    mutating func append(_ bytes: [UInt8], from offset: Int, count length: Int) {
        precondition(length <= space && offset >= 0 && offset + length <= bytes.count, "line longer than announced")
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe (start + count).update(from: base + offset, count: length)
        }
        count += length
    }

    @inline(__always)
    mutating func append(_ value: UInt64) {
        precondition(space >= Self.longestNumber, "number without space")
        var rest = value
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        var place = count + digits
        count = place
        rest = value
        while rest >= 100 {
            let pair = Int(rest % 100) * 2
            rest /= 100
            place -= 2
            unsafe start[place] = Self.pairs.utf8Start[pair]
            unsafe start[place + 1] = Self.pairs.utf8Start[pair + 1]
        }
        if rest >= 10 {
            unsafe start[place - 2] = Self.pairs.utf8Start[Int(rest) * 2]
            unsafe start[place - 1] = Self.pairs.utf8Start[Int(rest) * 2 + 1]
        } else {
            unsafe start[place - 1] = UInt8(ascii: "0") + UInt8(rest)
        }
    }

    mutating func append(_ value: Double) {
        if value >= 0, value < 1e15, value == value.rounded(.towardZero) {
            append(UInt64(value))
        } else {
            let text = Array(TextFormat.number(value).utf8)
            append(text, from: 0, count: text.count)
        }
    }

    mutating func endLine() {
        precondition(space >= 1, "line without space")
        unsafe start[count] = UInt8(ascii: "\n")
        count += 1
    }

    /// The two digits of 0 to 99.
    private static let pairs: StaticString = """
        0001020304050607080910111213141516171819\
        2021222324252627282930313233343536373839\
        4041424344454647484950515253545556575859\
        6061626364656667686970717273747576777879\
        8081828384858687888990919293949596979899
        """
}
