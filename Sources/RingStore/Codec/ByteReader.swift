/// Stored bytes that do not keep to FORMAT.md: what was read, and what is wrong with it.
public struct FormatError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String
    /// The bytes are of a later version of the format: not damaged, only not for this program.
    public var isLaterVersion = false

    init(_ description: String, isLaterVersion: Bool = false) {
        self.description = description
        self.isLaterVersion = isLaterVersion
    }
}

/// Reads numbers off stored bytes, front to back. No read goes beyond the end, whatever the bytes are.
struct ByteReader: ~Escapable {
    private let bytes: RawSpan
    private(set) var offset: Int

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, at offset: Int = 0) {
        self.bytes = bytes
        self.offset = min(max(offset, 0), bytes.byteCount)
    }

    var left: Int { bytes.byteCount - offset }

    /// A number of fixed size, little-endian.
    @_lifetime(self: copy self)
    mutating func fixed<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(FormatError) -> Value {
        let size = MemoryLayout<Value>.size
        guard left >= size else { throw FormatError("\(size) bytes at offset \(offset) of \(bytes.byteCount)") }
        defer { offset += size }
        return Value(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// Seven bits a byte, lowest first; the high bit says that more follow. At most ten bytes.
    @_lifetime(self: copy self)
    mutating func varint() throws(FormatError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard left > 0 else { throw FormatError("a number that ends at offset \(offset)") }
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            offset += 1
            guard shift < 63 || byte <= 1 else { throw FormatError("a number over 64 bits at offset \(offset)") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A varint that counts or measures something of which there are at most `limit`.
    @_lifetime(self: copy self)
    mutating func count(upTo limit: Int) throws(FormatError) -> Int {
        let value = try varint()
        guard value <= UInt64(max(limit, 0)) else {
            throw FormatError("\(value) at offset \(offset) where \(limit) are possible")
        }
        return Int(value)
    }

    /// The next `count` bytes.
    @_lifetime(copy self)
    mutating func take(_ count: Int) throws(FormatError) -> RawSpan {
        guard count >= 0, count <= left else {
            throw FormatError("\(count) bytes at offset \(offset) of \(bytes.byteCount)")
        }
        defer { offset += count }
        return bytes.extracting(offset..<(offset + count))
    }

    /// A copy of the next `count` bytes.
    @_lifetime(self: copy self)
    mutating func array(_ count: Int) throws(FormatError) -> [UInt8] {
        let part = try take(count)
        return unsafe part.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}

/// Signed numbers as unsigned ones, small where the distance from 0 is.
enum ZigZag {
    static func encode(_ value: UInt64) -> UInt64 {
        let signed = Int64(bitPattern: value)
        return UInt64(bitPattern: (signed << 1) ^ (signed >> 63))
    }

    static func decode(_ value: UInt64) -> UInt64 { (value >> 1) ^ (0 &- (value & 1)) }
}

extension [UInt8] {
    /// Its bytes, to be read.
    var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get { unsafe span.bytes }
    }

    mutating func append<Value: FixedWidthInteger>(fixed value: Value) {
        unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
    }

    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
