/// A moving column: the first value, then the differences in blocks of 32, each as the smallest difference of the block
/// and, bit-packed with as many bits as this block needs, what the others are above it.
///
/// The smallest differences are stored as differences of theirs, zig-zag, so that a steady rate costs one byte a block,
/// whatever the rate. Where another column of the subject tells a part (bytes are about so many a packet), only what the
/// difference is beyond that part is stored. All arithmetic wraps: a counter that is reset costs its block more bits and
/// nothing else.
enum ColumnCodec {
    static let blockLength = 32
    /// In a block's first byte: the smallest difference is the one of the block before.
    private static let sameMinimum: UInt8 = 0x80

    /// What another column tells: its difference times `slope` / 256.
    struct Prediction {
        var values: [UInt64]
        var slope: Int64

        func difference(_ index: Int) -> UInt64 { Self.part(slope, of: values[index] &- values[index - 1]) }

        static func part(_ slope: Int64, of difference: UInt64) -> UInt64 {
            UInt64(bitPattern: (Int64(bitPattern: difference) &* slope) >> 8)
        }
    }

    /// Appends a column.
    ///
    /// - Parameter differences: from each value to the next, without what is predicted.
    static func encode(first: UInt64, differences: [UInt64], into bytes: inout [UInt8]) {
        bytes.append(varint: first)
        var minimum: UInt64 = 0
        for first in stride(from: 0, to: differences.count, by: blockLength) {
            let block = first..<min(first + blockLength, differences.count)
            let (base, width) = frame(differences, block)
            bytes.append(UInt8(width) | (base == minimum ? sameMinimum : 0))
            if base != minimum { bytes.append(varint: ZigZag.encode(base &- minimum)) }
            minimum = base
            var packer = BitPacker()
            for index in block { packer.append(differences[index] &- base, width, to: &bytes) }
            packer.finish(&bytes)
        }
    }

    /// How many bits `encode` needs, but for the heads of blocks.
    static func cost(_ differences: [UInt64]) -> Int {
        var bits = 0
        for first in stride(from: 0, to: differences.count, by: blockLength) {
            let block = first..<min(first + blockLength, differences.count)
            bits += frame(differences, block).width * block.count
        }
        return bits
    }

    /// From each value to the next.
    static func differences(_ values: [UInt64]) -> [UInt64] {
        guard values.count > 1 else { return [] }
        return unsafe [UInt64](unsafeUninitializedCapacity: values.count - 1) { buffer, count in
            for index in 1..<values.count { unsafe buffer[index - 1] = values[index] &- values[index - 1] }
            count = values.count - 1
        }
    }

    /// What is left of differences when another column's tell a part of them.
    static func rest(of differences: [UInt64], slope: Int64, over others: [UInt64]) -> [UInt64] {
        unsafe [UInt64](unsafeUninitializedCapacity: differences.count) { buffer, count in
            for index in differences.indices {
                unsafe buffer[index] = differences[index] &- Prediction.part(slope, of: others[index])
            }
            count = differences.count
        }
    }

    /// The smallest difference of a block, as a signed number, and the bits that the others need above it.
    private static func frame(_ differences: [UInt64], _ block: Range<Int>) -> (base: UInt64, width: Int) {
        var (smallest, largest) = (Int64.max, Int64.min)
        for index in block {
            smallest = min(smallest, Int64(bitPattern: differences[index]))
            largest = max(largest, Int64(bitPattern: differences[index]))
        }
        let base = UInt64(bitPattern: smallest)
        return (base, 64 - (UInt64(bitPattern: largest) &- base).leadingZeroBitCount)
    }

    /// Reads `count` values, at least one.
    @_lifetime(reader: copy reader)
    static func decode(
        _ reader: inout ByteReader, count: Int, prediction: Prediction? = nil
    ) throws(FormatError) -> [UInt64] {
        var value = try reader.varint()
        // A whole block has at least one byte, so what cannot be there is not reserved.
        var values = [UInt64](capacity: min(count, (reader.left + 1) * blockLength))
        values.append(value)
        var minimum: UInt64 = 0
        while values.count < count {
            let length = min(count - values.count, blockLength)
            let head = try reader.fixed(UInt8.self)
            let width = Int(head & ~sameMinimum)
            guard width <= 64 else { throw FormatError("values of \(width) bits") }
            if head & sameMinimum == 0 { minimum &+= ZigZag.decode(try reader.varint()) }
            let bits = BitUnpacker(try reader.take((length * width + 7) / 8))
            for index in 0..<length {
                value &+= minimum &+ bits.value(at: index * width, width)
                if let prediction { value &+= prediction.difference(values.count) }
                values.append(value)
            }
        }
        return values
    }
}

extension [UInt64] {
    fileprivate init(capacity: Int) {
        self = []
        reserveCapacity(capacity)
    }
}

/// Appends numbers of a few bits each, lowest bit first.
private struct BitPacker {
    private var pending: UInt64 = 0
    private var count = 0

    mutating func append(_ value: UInt64, _ width: Int, to bytes: inout [UInt8]) {
        guard width > 0 else { return }
        pending |= value << UInt64(count)
        let total = count + width
        guard total >= 64 else {
            count = total
            return
        }
        bytes.append(fixed: pending)
        // A shift by 64 gives 0 with Swift's smart shift, which is what a full word leaves.
        pending = value >> UInt64(64 - count)
        count = total - 64
    }

    mutating func finish(_ bytes: inout [UInt8]) {
        for position in 0..<((count + 7) / 8) {
            bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(position * 8)))
        }
        (pending, count) = (0, 0)
    }
}

/// Numbers of a few bits each, read anywhere.
private struct BitUnpacker: ~Escapable {
    private let bytes: RawSpan

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// - Parameter bit: where it begins; the caller knows that all of it is there.
    func value(at bit: Int, _ width: Int) -> UInt64 {
        guard width > 0 else { return 0 }
        let (start, shift) = (bit >> 3, bit & 7)
        var value = word(at: start) >> UInt64(shift)
        if shift + width > 64 { value |= word(at: start + 8) << UInt64(64 - shift) }
        return width == 64 ? value : value & (1 << UInt64(width) - 1)
    }

    /// Eight bytes, or what there is of them.
    private func word(at offset: Int) -> UInt64 {
        if offset + 8 <= bytes.byteCount {
            return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        var value: UInt64 = 0
        for place in offset..<max(offset, bytes.byteCount) {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self)
            value |= UInt64(byte) << UInt64((place - offset) * 8)
        }
        return value
    }
}
