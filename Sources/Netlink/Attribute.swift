/// One attribute (struct nlattr): a type and a payload that stays inside its message.
///
/// Reads are checked against the payload's length and never trap. Integers are in host order, as rtnetlink sends them.
public struct Attribute: ~Escapable {
    /// The attribute's number, without the nested and byte-order flags.
    public let type: Int
    public let payload: RawSpan

    @_lifetime(copy payload)
    init(type: Int, payload: RawSpan) {
        self.type = type
        self.payload = payload
    }

    public func uint8() throws(DecodeError) -> UInt8 { try payload.load(0, as: UInt8.self, in: type) }
    public func uint16() throws(DecodeError) -> UInt16 { try payload.load(0, as: UInt16.self, in: type) }
    public func uint32() throws(DecodeError) -> UInt32 { try payload.load(0, as: UInt32.self, in: type) }
    public func int32() throws(DecodeError) -> Int32 { try payload.load(0, as: Int32.self, in: type) }
    public func flag() throws(DecodeError) -> Bool { try uint8() != 0 }

    /// The payload's bytes.
    public func bytes() -> [UInt8] { payload.copy() }

    /// The first `count` bytes of a struct that a newer kernel may have appended to.
    public func bytes(_ count: Int) throws(DecodeError) -> [UInt8] {
        guard payload.byteCount >= count else {
            throw DecodeError("attribute \(type) has \(payload.byteCount) bytes where \(count) are needed")
        }
        return payload.extracting(0..<count).copy()
    }

    /// The bytes up to the first NUL or the end. Not text yet: a name may hold any byte but NUL, `/` and space.
    public func cString() -> [UInt8] {
        var result = payload.copy()
        if let end = result.firstIndex(of: 0) { result.removeSubrange(end...) }
        return result
    }

    /// The attributes nested in this one.
    public var nested: Attributes {
        @_lifetime(copy self)
        get { Attributes(payload) }
    }
}

/// A run of attributes, as it follows a message's fixed header or fills a nested attribute.
public struct Attributes: ~Escapable {
    /// NLA_TYPE_MASK, a macro that Swift does not import: without NLA_F_NESTED and NLA_F_NET_BYTEORDER.
    private static let typeMask = 0x3fff

    private let bytes: RawSpan

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// Visits each attribute in order.
    ///
    /// - Throws: `DecodeError` where an attribute's length is below its header's or beyond the run's end, and what
    ///   `body` throws.
    public func forEach(_ body: (borrowing Attribute) throws(DecodeError) -> Void) throws(DecodeError) {
        let headerSize = 4
        var offset = 0
        while offset < bytes.byteCount {
            let left = bytes.byteCount - offset
            guard left >= headerSize else {
                throw DecodeError("\(left) stray bytes after the last attribute at offset \(offset)")
            }
            let length = Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
            let type = Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 2, as: UInt16.self))
            guard length >= headerSize, length <= left else {
                throw DecodeError("attribute \(type & 0x3fff) at offset \(offset) claims \(length) bytes of \(left)")
            }
            let payload = bytes.extracting((offset + headerSize)..<(offset + length))
            try body(Attribute(type: type & Self.typeMask, payload: payload))
            offset += (length + 3) & ~3
        }
    }
}

extension RawSpan {
    /// A fixed-size integer at `offset`; a message that ends before it throws.
    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ offset: Int, as type: Value.Type, in attribute: Int? = nil
    ) throws(DecodeError) -> Value {
        guard offset >= 0, byteCount - offset >= MemoryLayout<Value>.size else {
            let place = attribute.map { "attribute \($0)" } ?? "header"
            throw DecodeError("\(place) has \(byteCount) bytes where \(offset + MemoryLayout<Value>.size) are needed")
        }
        return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type)
    }

    func copy() -> [UInt8] {
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
