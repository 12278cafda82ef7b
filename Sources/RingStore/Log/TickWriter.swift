/// Writes one tick's record into a log. The innermost part of an append: every counter of every row passes here once.
@safe struct TickWriter {
    private let region: LogRegion
    private let start: Int
    private(set) var end: Int
    private var bytes: UnsafeMutableRawPointer

    init(region: LogRegion, start: Int) {
        self.region = region
        self.start = start
        end = start
        unsafe bytes = region.writable.baseAddress!
    }

    /// - Returns: false when there is no room.
    mutating func begin(_ tick: Tick, groupCount: Int) throws(SystemError) -> Bool {
        let head = LogRecord.headerByteCount + 16 + 4 * groupCount
        guard try room(head) else { return false }
        put(tick.monotonic, at: start + 16)
        put(tick.wall, at: start + 24)
        put(UInt32(groupCount), at: start + 12)
        end += head
        return true
    }

    /// Makes room for a group, whatever is in it.
    mutating func prepare(columnCount: Int) throws(SystemError) -> Bool {
        try room(16 + columnCount * (8 + RowTable.groupSize * 10))
    }

    /// Writes what moved in a group: nothing where nothing did.
    mutating func writeGroup(
        _ group: Int, columns: UnsafePointer<UInt64>, stride: Int, rowCount: Int, present: UInt64, table: RowTable
    ) {
        let head = end
        let presenceMoved = present != table.present[group]
        end += presenceMoved ? 13 : 5
        let (fresh, last) = unsafe (table.fresh[group], table.values + group * RowTable.groupSize)
        var moved: UInt32 = 0
        for column in 0..<table.columnCount {
            let values = unsafe columns + column * stride
            let before = unsafe last + column * table.capacity
            guard unsafe rowCount < RowTable.groupSize || fresh & present != 0 || Self.differ(values, before) else {
                continue
            }
            let mask = unsafe Self.changes(values, before, rowCount, fresh) & present
            guard mask != 0 else {
                if fresh & present != 0 { for row in Bits(fresh & present) { unsafe before[row] = 0 } }
                continue
            }
            moved |= 1 << UInt32(column)
            put(mask, at: end)
            end += 8
            for row in Bits(mask) {
                let base = unsafe fresh >> UInt64(row) & 1 == 1 ? 0 : before[row]
                unsafe putVarint(ZigZag.encode(values[row] &- base))
            }
            for row in Bits(present & (mask | fresh)) { unsafe before[row] = values[row] }
        }
        table.fresh[group] &= ~present
        table.present[group] = present
        if moved == 0 && !presenceMoved {
            end = head
        } else {
            unsafe bytes.storeBytes(of: presenceMoved ? 1 : 0, toByteOffset: head, as: UInt8.self)
            put(moved, at: head + 1)
            if presenceMoved { put(present, at: head + 5) }
        }
        put(UInt32(end - start), at: start + LogRecord.headerByteCount + 16 + 4 * group)
    }

    /// Fills the record up to a multiple of eight bytes and checks it off.
    mutating func finish() throws(SystemError) -> Bool {
        guard try room(8) else { return false }
        while end % 8 != 0 {
            unsafe bytes.storeBytes(of: 0, toByteOffset: end, as: UInt8.self)
            end += 1
        }
        let groupCount = unsafe bytes.loadUnaligned(fromByteOffset: start + 12, as: UInt32.self)
        unsafe LogRecord.seal(
            UnsafeMutableRawBufferPointer(start: bytes + start, count: end - start), .tick,
            argument: UInt32(littleEndian: groupCount))
        return true
    }

    private func room(_ count: Int) throws(SystemError) -> Bool {
        guard end + count <= region.capacity else { return false }
        try region.allot(end + count)
        return true
    }

    private func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
        unsafe bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }

    private mutating func putVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            unsafe bytes.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: end, as: UInt8.self)
            end += 1
            rest >>= 7
        }
        unsafe bytes.storeBytes(of: UInt8(rest), toByteOffset: end, as: UInt8.self)
        end += 1
    }

    /// Whether any of 64 values is another.
    private static func differ(_ left: UnsafePointer<UInt64>, _ right: UnsafePointer<UInt64>) -> Bool {
        var difference = SIMD8<UInt64>.zero
        for offset in Swift.stride(from: 0, to: RowTable.groupSize, by: 8) {
            difference |=
                unsafe UnsafeRawPointer(left + offset).loadUnaligned(as: SIMD8<UInt64>.self)
                ^ UnsafeRawPointer(right + offset).loadUnaligned(as: SIMD8<UInt64>.self)
        }
        return difference != .zero
    }

    /// Which rows' values are not those of before, where fresh rows had 0 before.
    private static func changes(
        _ values: UnsafePointer<UInt64>, _ before: UnsafePointer<UInt64>, _ rowCount: Int, _ fresh: UInt64
    ) -> UInt64 {
        var mask: UInt64 = 0
        for row in 0..<rowCount {
            let bit = UInt64(row)
            let base = unsafe before[row] & ((fresh >> bit & 1) &- 1)
            mask |= (unsafe values[row] != base ? 1 : 0) << bit
        }
        return mask
    }
}
