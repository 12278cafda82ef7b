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

    /// Appends `bytes[first..<end]`.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, _ first: Int, _ end: Int) {
        let length = end - first
        precondition(length >= 0 && length <= space && first >= 0 && end <= bytes.count, "line longer than announced")
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe (start + count).update(from: base + first, count: length)
        }
        count += length
    }

    /// Appends `bytes[first..<end]` by whole chunks: most of what a line is made of is shorter than a call to memcpy is
    /// worth. Reads and writes up to `padding` further.
    @inline(__always)
    mutating func append(padded bytes: Span<UInt8>, _ first: Int, _ end: Int) {
        let (length, slack) = (end - first, Self.padding.count)
        precondition(length >= 0 && first >= 0, "line longer than announced")
        precondition(length + slack <= space && end + slack <= bytes.count, "line longer than announced")
        unsafe bytes.withUnsafeBytes { source in
            let target = unsafe UnsafeMutableRawPointer(start + count)
            var done = 0
            while done < length {
                let chunk = unsafe source.loadUnaligned(fromByteOffset: first + done, as: Chunk.self)
                unsafe target.storeBytes(of: chunk, toByteOffset: done, as: Chunk.self)
                done += MemoryLayout<Chunk>.size
            }
        }
        count += length
    }

    private typealias Chunk = SIMD16<UInt8>

    /// What must follow bytes that are appended by chunks.
    static let padding = [UInt8](repeating: 0, count: MemoryLayout<Chunk>.size)

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

    @inline(__always)
    mutating func append(_ value: Double) {
        if value >= 0, value < 1e15, value == Double(Int64(value)) {
            append(UInt64(Int64(value)))
        } else {
            let text = Array(TextFormat.number(value).utf8)
            append(text.span, 0, text.count)
        }
    }

    @inline(__always)
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
