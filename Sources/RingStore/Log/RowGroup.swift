/// The samples of 64 rows of a log, taken out of its ticks and laid out by row, so that what a subject had can be seen
/// in one place.
struct RowGroup {
    /// What one subject had in one row.
    struct Stay {
        var subject: SubjectID
        var row: Int
        /// In some of these it has samples.
        var ticks: Range<Int>
    }

    private(set) var stays: [Stay] = []
    private let tickCount: Int
    /// Which rows each tick has.
    private var presence: [UInt64] = []
    /// Where a column's values begin; nil where all are 0.
    private var starts = [Int?](repeating: nil, count: RingOptions.maximumColumnCount)
    /// By column, row and tick. Only what `presence` says is there means anything.
    private var values: [UInt64] = []

    /// Lays out a group.
    ///
    /// - Parameter bytes: the log that `contents` was walked from.
    init(_ group: Int, of contents: LogContents, _ bytes: RawSpan) throws(FormatError) {
        tickCount = contents.ticks.count
        let arrivals = contents.arrivals[group] ?? []
        guard !arrivals.isEmpty else { return }
        for (position, arrival) in arrivals.enumerated() {
            let next = arrivals[(position + 1)...].first { $0.row == arrival.row }
            let ticks = arrival.tick..<(next?.tick ?? tickCount)
            if !ticks.isEmpty { stays.append(Stay(subject: arrival.subject, row: arrival.row, ticks: ticks)) }
        }
        var current = [UInt64](repeating: 0, count: RowTable.groupSize * contents.origin.columnCount)
        var present: UInt64 = 0
        var pending = arrivals[...]
        presence.reserveCapacity(tickCount)
        for tick in 0..<tickCount {
            while let arrival = pending.first, arrival.tick <= tick {
                for column in 0..<contents.origin.columnCount { current[column * RowTable.groupSize + arrival.row] = 0 }
                pending.removeFirst()
            }
            var reader = try Self.reader(of: group, bytes, at: contents.tickOffsets[tick])
            try apply(&reader, contents.origin.columnCount, &current, &present)
            presence.append(present)
            for column in 0..<contents.origin.columnCount {
                guard let start = starts[column] else { continue }
                for row in Bits(present) {
                    values[start + row * tickCount + tick] = current[column * RowTable.groupSize + row]
                }
            }
        }
    }

    /// Finds a group in a tick's record. Empty when nothing moved there.
    @_lifetime(copy bytes)
    private static func reader(of group: Int, _ bytes: RawSpan, at offset: Int) throws(FormatError) -> ByteReader {
        var record = ByteReader(bytes, at: offset)
        let length = Int(try record.fixed(UInt32.self))
        var head = ByteReader(bytes, at: offset + 12)
        let groupCount = Int(try head.fixed(UInt32.self))
        let ends = LogRecord.headerByteCount + 16
        guard group < groupCount else { return ByteReader(bytes, at: bytes.byteCount) }
        var start = ends + 4 * groupCount
        if group > 0 {
            var table = ByteReader(bytes, at: offset + ends + 4 * (group - 1))
            start = Int(try table.fixed(UInt32.self))
        }
        var table = ByteReader(bytes, at: offset + ends + 4 * group)
        let end = Int(try table.fixed(UInt32.self))
        guard start <= end, end <= length, length <= bytes.byteCount - offset else {
            throw FormatError("group \(group) of the tick at offset \(offset): \(start) to \(end) of \(length)")
        }
        return ByteReader(bytes.extracting((offset + start)..<(offset + end)))
    }

    @_lifetime(reader: copy reader)
    private mutating func apply(
        _ reader: inout ByteReader, _ columnCount: Int, _ current: inout [UInt64], _ present: inout UInt64
    ) throws(FormatError) {
        guard reader.left > 0 else { return }
        let presenceMoved = try reader.fixed(UInt8.self) != 0
        let moved = try reader.fixed(UInt32.self)
        if presenceMoved { present = try reader.fixed() }
        for column in Bits(UInt64(moved)) {
            guard column < columnCount else { throw FormatError("column \(column) of \(columnCount)") }
            if starts[column] == nil {
                starts[column] = values.count
                values.append(contentsOf: repeatElement(0, count: RowTable.groupSize * tickCount))
            }
            for row in Bits(try reader.fixed(UInt64.self)) {
                current[column * RowTable.groupSize + row] &+= ZigZag.decode(try reader.varint())
            }
        }
    }

    /// The ticks in which a stay has samples.
    func runs(of stay: Stay) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for tick in stay.ticks where presence[tick] >> UInt64(stay.row) & 1 == 1 {
            if let last = runs.last, last.upperBound == tick {
                runs[runs.count - 1] = last.lowerBound..<(tick + 1)
            } else {
                runs.append(tick..<(tick + 1))
            }
        }
        return runs
    }

    /// A stay's values, one for each tick of its runs; nil where all are 0.
    func values(of stay: Stay, column: Int, runs: [Range<Int>]) -> [UInt64]? {
        guard let start = starts[column] else { return nil }
        let base = start + stay.row * tickCount
        var result: [UInt64] = []
        for run in runs { result.append(contentsOf: values[(base + run.lowerBound)..<(base + run.upperBound)]) }
        return result
    }
}
