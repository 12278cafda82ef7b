/// The open end of a tier: ticks as they come, each as what moved since the one before. FORMAT.md has the layout.
///
/// A record is written behind what is committed, then the commit is moved over it. So a process that is killed leaves
/// whole records, and what it was just writing is not there.
final class TickLog: Sendable {
    let origin: Origin
    let region: LogRegion

    /// A log without a record.
    init(_ origin: Origin, in region: LogRegion) throws(SystemError) {
        self.origin = origin
        self.region = region
        let header = LogHeader.encode(origin)
        try region.allot(LogHeader.byteCount)
        unsafe region.writable.copyBytes(from: header)
        region.committed = LogHeader.byteCount
        try region.publish()
    }

    /// Appends a record that is not a tick.
    ///
    /// - Returns: false when there is no room.
    func append(_ record: [UInt8]) throws(SystemError) -> Bool {
        let start = region.committed
        guard start + record.count <= region.capacity else { return false }
        try region.allot(start + record.count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: region.writable[start...]).copyBytes(from: record)
        region.committed = start + record.count
        return true
    }

    /// Appends a tick; the table learns what it held.
    ///
    /// - Parameters:
    ///   - columns: the counters, a column after the other, `stride` values apart; `rowCount` of each may be read.
    ///   - presence: which rows this tick read, by group. All are announced.
    /// - Returns: false when there is no room. The table may be ahead of the log then, which only the next log, where
    ///   everything counts from 0, may ignore.
    func append(
        _ tick: Tick, columns: UnsafePointer<UInt64>, stride: Int, rowCount: Int, presence: [UInt64], table: RowTable
    ) throws(SystemError) -> Bool {
        let start = region.committed
        // All groups, also those behind the last row: one that a tick leaves out is as it was.
        let groupCount = presence.count
        var writer = TickWriter(region: region, start: start)
        guard try writer.begin(tick, groupCount: groupCount) else { return false }
        for group in 0..<groupCount {
            guard try writer.prepare(columnCount: origin.columnCount) else { return false }
            let first = group * RowTable.groupSize
            unsafe writer.writeGroup(
                group, columns: columns + first, stride: stride,
                rowCount: max(0, min(RowTable.groupSize, rowCount - first)), present: presence[group], table: table)
        }
        guard try writer.finish() else { return false }
        region.committed = writer.end
        return true
    }
}
