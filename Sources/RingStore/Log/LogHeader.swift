/// What a log or a block belongs to: which tier, which boot, and its place among its like.
struct Origin: Equatable, Hashable, Sendable {
    /// 0 is the finest.
    var tier: Int
    /// Rises by one from each log to the next of its tier. A log's block has the log's number.
    var sequence: UInt64
    var epoch: UInt32
    /// Which boot the epoch is, e.g. the kernel's boot id.
    var boot: Boot
    /// How many counters a row has, 1 to 32.
    var columnCount: Int
    /// No subject had this number or a higher one when the log was begun.
    var nextSubject: UInt64
}

/// Tells boots apart: 16 bytes, e.g. the kernel's boot id.
public struct Boot: Equatable, Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension Origin {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(fixed: UInt32(tier))
        bytes.append(fixed: epoch)
        bytes.append(fixed: sequence)
        bytes.append(fixed: boot.high)
        bytes.append(fixed: boot.low)
        bytes.append(fixed: UInt32(columnCount))
        bytes.append(fixed: nextSubject)
    }

    @_lifetime(reader: copy reader)
    init(decoding reader: inout ByteReader) throws(FormatError) {
        tier = Int(try reader.fixed(UInt32.self))
        epoch = try reader.fixed()
        sequence = try reader.fixed()
        boot = Boot(high: try reader.fixed(), low: try reader.fixed())
        columnCount = Int(try reader.fixed(UInt32.self))
        nextSubject = try reader.fixed()
        // Numbers that others are added to stay far from their ends.
        guard sequence < 1 << 62, epoch < 1 << 30, nextSubject < 1 << 62 else {
            throw FormatError("numbers out of range")
        }
        guard tier < RingOptions.maximumTierCount else { throw FormatError("tier \(tier)") }
        guard (1...RingOptions.maximumColumnCount).contains(columnCount) else {
            throw FormatError("\(columnCount) columns")
        }
    }
}

/// A log's first bytes. The last eight, how far it is committed, are written on their own.
enum LogHeader {
    static let byteCount = 72
    static let magic = Array("RINGLOG\n".utf8)

    static func encode(_ origin: Origin) -> [UInt8] {
        var bytes = Format.begin(magic)
        origin.encode(into: &bytes)
        bytes.append(fixed: Checksum.of(bytes.rawSpan))
        bytes.append(fixed: UInt32(0))
        return bytes
    }

    /// - Returns: whose log it is, and where it says that it ends.
    static func decode(_ bytes: RawSpan) throws(FormatError) -> (origin: Origin, end: Int) {
        var reader = ByteReader(bytes)
        try Format.expect(magic, &reader)
        let origin = try Origin(decoding: &reader)
        try Format.verify(bytes, &reader)
        _ = try reader.fixed(UInt32.self)
        return (origin, Int(clamping: try reader.fixed(UInt64.self)))
    }
}

/// What logs and blocks have in common.
enum Format {
    static let version: UInt32 = 1
    /// What a log or a block may hold, so that whoever reads one knows what memory that takes at most.
    static let maximumTickCount = 4_096

    static func begin(_ magic: [UInt8]) -> [UInt8] {
        var bytes = magic
        bytes.append(fixed: version)
        return bytes
    }

    @_lifetime(reader: copy reader)
    static func expect(_ magic: [UInt8], _ reader: inout ByteReader) throws(FormatError) {
        let found = try reader.array(magic.count)
        guard found == magic else { throw FormatError("its first bytes are not this format's") }
        let version = try reader.fixed(UInt32.self)
        guard version != Self.version else { return }
        guard version > Self.version else { throw FormatError("version \(version)") }
        throw FormatError("version \(version), this program knows \(Self.version)", isLaterVersion: true)
    }

    /// Reads the checksum of all bytes up to here.
    @_lifetime(reader: copy reader)
    static func verify(_ bytes: RawSpan, _ reader: inout ByteReader) throws(FormatError) {
        let expected = Checksum.of(bytes.extracting(0..<reader.offset))
        guard try reader.fixed(UInt32.self) == expected else { throw FormatError("checksum of its header") }
    }
}
