internal import CZlib

/// A part of a text, compressed: deflate blocks that refer to nothing before them and end in whole bytes.
public struct GzipPiece: Sendable {
    /// Source: RFC 1951; none of them is the last of a stream.
    public internal(set) var blocks: [UInt8] = []
    /// CRC-32 of the text.
    var checksum: UInt32 = 0
    /// Bytes of the text.
    var length = 0

    public init() {}
}

/// A gzip file made of pieces: the header, the blocks of each piece, the trailer. Source: RFC 1952.
public struct GzipMember: Sendable {
    /// Deflate, no name, no time, the fastest level, Unix.
    public static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]

    private var checksum: UInt32 = 0
    private var length = 0

    public init() {}

    /// Counts in a piece whose blocks come next.
    public mutating func add(_ piece: GzipPiece) {
        checksum = UInt32(crc32_combine(UInt(checksum), UInt(piece.checksum), piece.length))
        length += piece.length
    }

    /// An empty last block, the checksum and the length of the whole text, modulo 2^32.
    public var trailer: [UInt8] {
        let fields = [checksum, UInt32(truncatingIfNeeded: length)]
        return [0x03, 0x00] + fields.flatMap { field in (0..<4).map { UInt8(truncatingIfNeeded: field >> ($0 * 8)) } }
    }
}
