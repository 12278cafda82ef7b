/// Names a subject: no two of a store have the same, as long as anything of it is left.
public struct SubjectID: Equatable, Hashable, Comparable, Sendable {
    public var number: UInt64

    init(_ number: UInt64) {
        self.number = number
    }

    public static func < (left: SubjectID, right: SubjectID) -> Bool { left.number < right.number }
}

/// Something whose counters are recorded, from its birth to its death.
public struct Subject: Equatable, Sendable {
    public let id: SubjectID
    /// By which it is found again after a restart. No two living subjects have the same. At most 256 bytes.
    public let key: [UInt8]
    /// What the user wants to know of it later; the store does not look inside. At most 1024 bytes.
    public internal(set) var metadata: [UInt8]
    public let born: RingMoment
    /// nil while it lives. Its last sample is not after it.
    public internal(set) var died: RingMoment?

    public static let maximumKeyLength = 256
    public static let maximumMetadataLength = 1024

    /// What it takes in memory, about: the bytes, and the tables that have it.
    var byteCount: Int { 2 * key.count + metadata.count + 256 }
}

extension Subject {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(varint: id.number)
        bytes.append(varint: UInt64(key.count))
        bytes.append(contentsOf: key)
        bytes.append(varint: UInt64(metadata.count))
        bytes.append(contentsOf: metadata)
        born.encode(into: &bytes)
        bytes.append(died == nil ? 0 : 1)
        died?.encode(into: &bytes)
    }

    @_lifetime(reader: copy reader)
    init(decoding reader: inout ByteReader) throws(FormatError) {
        id = SubjectID(try reader.varint())
        guard id.number < 1 << 62 else { throw FormatError("subject \(id.number)") }
        key = try reader.array(try reader.count(upTo: Self.maximumKeyLength))
        metadata = try reader.array(try reader.count(upTo: Self.maximumMetadataLength))
        born = try RingMoment(decoding: &reader)
        died = try reader.fixed(UInt8.self) == 0 ? nil : try RingMoment(decoding: &reader)
    }
}

extension RingMoment {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(varint: UInt64(epoch))
        bytes.append(varint: tick.monotonic)
        bytes.append(varint: ZigZag.encode(UInt64(bitPattern: tick.wall)))
    }

    @_lifetime(reader: copy reader)
    init(decoding reader: inout ByteReader) throws(FormatError) {
        epoch = UInt32(try reader.count(upTo: Int(UInt32.max)))
        let monotonic = try reader.varint()
        tick = Tick(monotonic: monotonic, wall: Int64(bitPattern: ZigZag.decode(try reader.varint())))
    }
}
