/// A block's file: its bytes, then whom it tells of.
enum BlockFile {
    struct Contents {
        var block: Block
        var subjects: [Subject]
    }

    /// What goes behind a block's bytes in its file.
    static func encode(_ subjects: [Subject]) -> [UInt8] {
        var list: [UInt8] = []
        for subject in subjects { subject.encode(into: &list) }
        var bytes: [UInt8] = []
        bytes.append(fixed: UInt32(subjects.count))
        bytes.append(fixed: UInt32(list.count))
        bytes.append(contentsOf: list)
        bytes.append(fixed: Checksum.of(bytes.rawSpan))
        return bytes
    }

    static func decode(_ bytes: [UInt8]) throws(FormatError) -> Contents {
        let header = try BlockHeader(decoding: bytes.rawSpan)
        let end = Block.headerByteCount + header.bodyByteCount
        guard end <= bytes.count else { throw FormatError("it ends after \(bytes.count) bytes, before its samples do") }
        let block = try Block(Array(bytes[..<end]), verifying: true)
        let rest = bytes.rawSpan.extracting(end..<bytes.count)
        var reader = ByteReader(rest)
        let count = Int(try reader.fixed(UInt32.self))
        var list = ByteReader(try reader.take(Int(try reader.fixed(UInt32.self))))
        let checked = rest.extracting(0..<reader.offset)
        guard try reader.fixed(UInt32.self) == Checksum.of(checked), reader.left == 0 else {
            throw FormatError("checksum of its subjects")
        }
        guard count <= list.left else { throw FormatError("\(count) subjects in \(list.left) bytes") }
        var subjects: [Subject] = []
        for _ in 0..<count { subjects.append(try Subject(decoding: &list)) }
        return Contents(block: block, subjects: subjects)
    }
}
