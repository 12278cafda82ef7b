/// A closed stretch of a tier: all subjects' samples of some ticks, compressed. The same bytes in memory and in its file.
final class Block: Sendable {
    static let magic = Array("RINGBLK\n".utf8)
    static let headerByteCount = 88
    static let indexEntryByteCount = 12

    let origin: Origin
    let ticks: [Tick]
    /// Samples of all columns together.
    let sampleCount: UInt64
    let bytes: [UInt8]
    private let pieceCount: Int
    private let indexOffset: Int

    var byteCount: Int { bytes.count + ticks.count * MemoryLayout<Tick>.size }

    /// Takes in a block's bytes.
    ///
    /// - Parameter verifying: whether to compare checksums, which only what comes from a file needs.
    /// - Throws: what does not keep to the format. Pieces are looked at only when they are read.
    init(_ bytes: [UInt8], verifying: Bool) throws(FormatError) {
        let header = try BlockHeader(decoding: bytes.rawSpan)
        guard bytes.count == Self.headerByteCount + header.bodyByteCount else {
            throw FormatError("\(bytes.count) bytes where \(Self.headerByteCount + header.bodyByteCount) are expected")
        }
        let body = bytes.rawSpan.extracting(Self.headerByteCount..<bytes.count)
        guard !verifying || Checksum.of(body) == header.bodyChecksum else {
            throw FormatError("checksum of its samples")
        }
        var reader = ByteReader(body)
        ticks = try TickCodec.decode(&reader, count: header.tickCount)
        guard header.pieceCount <= reader.left / Self.indexEntryByteCount else {
            throw FormatError("\(header.pieceCount) pieces in \(reader.left) bytes")
        }
        indexOffset = Self.headerByteCount + reader.offset
        pieceCount = header.pieceCount
        origin = header.origin
        sampleCount = header.sampleCount
        self.bytes = bytes
    }

    /// Whose samples it holds, in order.
    var subjects: [SubjectID] {
        var result: [SubjectID] = []
        for position in 0..<pieceCount {
            let subject = subject(at: position)
            if result.last != subject { result.append(subject) }
        }
        return result
    }

    /// Visits the pieces of a subject in the order of their ticks.
    func forEachPiece(
        of subject: SubjectID, _ body: (borrowing Piece) throws(FormatError) -> Void
    ) throws(FormatError) {
        let bytes = bytes
        var (low, high) = (0, pieceCount)
        while low < high {
            let middle = (low + high) / 2
            if self.subject(at: middle) < subject { low = middle + 1 } else { high = middle }
        }
        while low < pieceCount, self.subject(at: low) == subject {
            var entry = ByteReader(bytes.rawSpan, at: indexOffset + low * Self.indexEntryByteCount + 8)
            let offset = Self.headerByteCount + Int(try entry.fixed(UInt32.self))
            guard offset < bytes.count else { throw FormatError("a piece at offset \(offset) of \(bytes.count)") }
            let piece = try Piece(
                bytes.rawSpan.extracting(offset..<bytes.count), tickCount: ticks.count, columnCount: origin.columnCount)
            try body(piece)
            low += 1
        }
    }

    private func subject(at position: Int) -> SubjectID {
        let bytes = bytes
        let offset = indexOffset + position * Self.indexEntryByteCount
        return SubjectID(
            UInt64(littleEndian: unsafe bytes.rawSpan.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }
}

/// A block's first bytes.
struct BlockHeader {
    var origin: Origin
    var tickCount: Int
    var pieceCount: Int
    var sampleCount: UInt64
    var bodyByteCount: Int
    var bodyChecksum: UInt32

    func encode() -> [UInt8] {
        var bytes = Format.begin(Block.magic)
        origin.encode(into: &bytes)
        bytes.append(fixed: UInt32(tickCount))
        bytes.append(fixed: UInt32(pieceCount))
        bytes.append(fixed: sampleCount)
        bytes.append(fixed: UInt64(bodyByteCount))
        bytes.append(fixed: bodyChecksum)
        bytes.append(fixed: Checksum.of(bytes.rawSpan))
        return bytes
    }

    init(origin: Origin, tickCount: Int, pieceCount: Int, sampleCount: UInt64, body: RawSpan) {
        self.origin = origin
        self.tickCount = tickCount
        self.pieceCount = pieceCount
        self.sampleCount = sampleCount
        bodyByteCount = body.byteCount
        bodyChecksum = Checksum.of(body)
    }

    init(decoding bytes: RawSpan) throws(FormatError) {
        var reader = ByteReader(bytes)
        try Format.expect(Block.magic, &reader)
        origin = try Origin(decoding: &reader)
        tickCount = Int(try reader.fixed(UInt32.self))
        pieceCount = Int(try reader.fixed(UInt32.self))
        sampleCount = try reader.fixed()
        bodyByteCount = Int(clamping: try reader.fixed(UInt64.self))
        bodyChecksum = try reader.fixed()
        try Format.verify(bytes, &reader)
        guard (1...Format.maximumTickCount).contains(tickCount) else { throw FormatError("\(tickCount) ticks") }
        guard bodyByteCount <= 1 << 31 else { throw FormatError("\(bodyByteCount) bytes of samples") }
    }
}
