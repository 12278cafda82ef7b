/// The records of a log: each has its length, its checksum, its kind, and a multiple of eight bytes.
enum LogRecord {
    static let headerByteCount = 16

    enum Kind: UInt8 {
        /// Who is in a row from here on.
        case subject = 1
        /// That a subject died.
        case death = 2
        /// The values that somebody who is in no row any more has in the next tick.
        case farewell = 3
        /// Which rows are present, and which of their counters moved.
        case tick = 4
    }

    /// A record that is not a tick, to be copied into the log.
    static func small(_ kind: Kind, row: Int = 0, _ body: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: headerByteCount)
        body(&bytes)
        bytes.append(contentsOf: repeatElement(0, count: (8 - bytes.count % 8) % 8))
        unsafe bytes.withUnsafeMutableBytes { unsafe seal($0, kind, argument: UInt32(row)) }
        return bytes
    }

    /// Fills in a record's first bytes.
    static func seal(_ record: UnsafeMutableRawBufferPointer, _ kind: Kind, argument: UInt32) {
        unsafe record.storeBytes(of: UInt32(record.count).littleEndian, toByteOffset: 0, as: UInt32.self)
        unsafe record.storeBytes(of: UInt32(kind.rawValue).littleEndian, toByteOffset: 8, as: UInt32.self)
        unsafe record.storeBytes(of: argument.littleEndian, toByteOffset: 12, as: UInt32.self)
        let checked = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: record[8...]))
        unsafe record.storeBytes(of: Checksum.of(checked).littleEndian, toByteOffset: 4, as: UInt32.self)
    }
}
