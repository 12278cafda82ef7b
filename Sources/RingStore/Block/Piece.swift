/// One subject's samples of one block, as they are stored. Columns are decoded when they are asked for.
struct Piece: ~Escapable {
    /// The ticks with samples, by their numbers in the block.
    let runs: [Range<Int>]
    /// How many samples a column has.
    let count: Int
    private let constantMask: UInt64
    private let movingMask: UInt64
    private let constants: [UInt64]
    /// The moving columns, one after the other.
    private let columns: RawSpan

    /// - Parameter bytes: from the piece's first byte on; what follows it is not looked at.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, tickCount: Int, columnCount: Int) throws(FormatError) {
        var reader = ByteReader(bytes)
        let flags = try reader.fixed(UInt8.self)
        var runs: [Range<Int>] = []
        if flags & PieceEncoder.everyTick != 0 {
            runs.append(0..<tickCount)
        } else {
            var end = 0
            for _ in 0..<(try reader.count(upTo: tickCount)) {
                let start = end + (try reader.count(upTo: tickCount - end))
                end = start + (try reader.count(upTo: tickCount - start))
                guard start < end else { throw FormatError("a run without a tick") }
                runs.append(start..<end)
            }
        }
        let constantMask = try reader.varint()
        let movingMask = try reader.varint()
        guard constantMask & movingMask == 0, (constantMask | movingMask) >> UInt64(columnCount) == 0 else {
            throw FormatError("columns \(constantMask) and \(movingMask) of \(columnCount)")
        }
        var constants: [UInt64] = []
        for _ in 0..<constantMask.nonzeroBitCount { constants.append(try reader.varint()) }
        let count = runs.reduce(0) { $0 + $1.count }
        guard count > 0 else { throw FormatError("a piece without a tick") }
        self.runs = runs
        self.count = count
        self.constantMask = constantMask
        self.movingMask = movingMask
        self.constants = constants
        columns = try reader.take(reader.left)
    }

    /// A column's values.
    func values(_ column: Int) throws(FormatError) -> [UInt64] {
        let bit = UInt64(1) << UInt64(column)
        if movingMask & bit != 0 { return try moving((movingMask & (bit - 1)).nonzeroBitCount) }
        let value = constantMask & bit == 0 ? 0 : constants[(constantMask & (bit - 1)).nonzeroBitCount]
        return [UInt64](repeating: value, count: count)
    }

    /// The values of a moving column, by its number among these. What it is predicted by comes before it.
    private func moving(_ position: Int) throws(FormatError) -> [UInt64] {
        var reader = ByteReader(columns)
        for _ in 0..<position { _ = try reader.take(try reader.count(upTo: reader.left)) }
        var column = ByteReader(try reader.take(try reader.count(upTo: reader.left)))
        let distance = try column.count(upTo: position)
        guard distance > 0 else { return try ColumnCodec.decode(&column, count: count) }
        let slope = Int64(bitPattern: ZigZag.decode(try column.varint()))
        let prediction = ColumnCodec.Prediction(values: try moving(position - distance), slope: slope)
        return try ColumnCodec.decode(&column, count: count, prediction: prediction)
    }
}
