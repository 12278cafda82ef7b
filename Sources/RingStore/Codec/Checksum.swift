/// CRC-32C (Castagnoli), the checksum of everything that is stored. Source: RFC 3720, appendix B.4.
enum Checksum {
    /// The checksum of `bytes`, eight of them a step.
    static func of(_ bytes: RawSpan) -> UInt32 {
        var crc = ~UInt32(0)
        var offset = 0
        unsafe tables.withUnsafeTables { table in
            while offset + 8 <= bytes.byteCount {
                let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let mixed = UInt64(littleEndian: word) ^ UInt64(crc)
                crc = 0
                for step in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed >> UInt64(step * 8)) & 0xff
                    crc ^= unsafe table[(7 - step) << 8 | byte]
                }
                offset += 8
            }
            while offset < bytes.byteCount {
                let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                crc = unsafe crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
                offset += 1
            }
        }
        return ~crc
    }

    private static let tables = Tables()

    /// Eight tables of 256: what a byte does to the checksum, and what it does 1 to 7 bytes later.
    private struct Tables {
        private var values: [UInt32]

        init() {
            values = (0..<256).map { byte in
                (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0x82f6_3b78 : 0) }
            }
            for index in 256..<2048 {
                let before = values[index - 256]
                values.append(before >> 8 ^ values[Int(before & 0xff)])
            }
        }

        func withUnsafeTables(_ body: (UnsafeBufferPointer<UInt32>) -> Void) {
            unsafe values.withUnsafeBufferPointer(body)
        }
    }
}
