/// Writes one subject's samples of one block: in which ticks, and column by column what.
struct PieceEncoder {
    /// In the first byte: it has a sample in each tick of the block.
    static let everyTick: UInt8 = 1
    /// How many moving columns before a column are tried as its predictors.
    private static let candidates = 4

    /// Appends a piece.
    ///
    /// - Parameters:
    ///   - runs: the ticks with samples, in order, neither empty nor adjacent; at least one.
    ///   - columns: a value for each of these ticks, nil where all are 0.
    static func encode(runs: [Range<Int>], of tickCount: Int, columns: [[UInt64]?], into bytes: inout [UInt8]) {
        let complete = runs == [0..<tickCount]
        bytes.append(complete ? everyTick : 0)
        if !complete {
            bytes.append(varint: UInt64(runs.count))
            var end = 0
            for run in runs {
                bytes.append(varint: UInt64(run.lowerBound - end))
                bytes.append(varint: UInt64(run.count))
                end = run.upperBound
            }
        }
        var constant: [UInt64] = []
        var moving: [[UInt64]] = []
        var (constantMask, movingMask): (UInt64, UInt64) = (0, 0)
        for (column, values) in columns.enumerated() {
            guard let values, let first = values.first else { continue }
            if values.contains(where: { $0 != first }) {
                movingMask |= 1 << UInt64(column)
                moving.append(values)
            } else if first != 0 {
                constantMask |= 1 << UInt64(column)
                constant.append(first)
            }
        }
        bytes.append(varint: constantMask)
        bytes.append(varint: movingMask)
        for value in constant { bytes.append(varint: value) }
        append(moving, to: &bytes)
    }

    private static func append(_ moving: [[UInt64]], to bytes: inout [UInt8]) {
        var earlier: [[UInt64]] = []
        for values in moving {
            let differences = ColumnCodec.differences(values)
            var column: [UInt8] = []
            if let predictor = predictor(of: differences, among: earlier) {
                column.append(varint: UInt64(predictor.distance))
                column.append(varint: ZigZag.encode(UInt64(bitPattern: predictor.slope)))
                ColumnCodec.encode(first: values[0], differences: predictor.rest, into: &column)
            } else {
                column.append(varint: 0)
                ColumnCodec.encode(first: values[0], differences: differences, into: &column)
            }
            bytes.append(varint: UInt64(column.count))
            bytes.append(contentsOf: column)
            earlier.append(differences)
        }
    }

    /// The column before, by its distance, that makes this one cheapest; nil when none helps.
    private static func predictor(
        of differences: [UInt64], among earlier: [[UInt64]]
    ) -> (distance: Int, slope: Int64, rest: [UInt64])? {
        // Its number and slope take about three bytes.
        var cheapest = ColumnCodec.cost(differences) - 24
        var best: (Int, Int64, [UInt64])?
        for position in earlier.indices.suffix(candidates) {
            let slope = slope(of: differences, over: earlier[position])
            guard slope != 0 else { continue }
            let rest = ColumnCodec.rest(of: differences, slope: slope, over: earlier[position])
            let cost = ColumnCodec.cost(rest)
            if cost < cheapest {
                cheapest = cost
                best = (earlier.count - position, slope, rest)
            }
        }
        return best
    }

    /// By how many 256ths one grows when the other grows by one: the line of least squares.
    private static func slope(of dependent: [UInt64], over independent: [UInt64]) -> Int64 {
        let count = Double(dependent.count)
        var (sumX, sumY, sumXX, sumXY) = (0.0, 0.0, 0.0, 0.0)
        for index in dependent.indices {
            let x = Double(Int64(bitPattern: independent[index]))
            let y = Double(Int64(bitPattern: dependent[index]))
            sumX += x
            sumY += y
            sumXX += x * x
            sumXY += x * y
        }
        let slope = 256 * (count * sumXY - sumX * sumY) / (count * sumXX - sumX * sumX)
        // Beyond this it tells of a reset, not of how two counters belong together.
        return slope.isFinite && abs(slope) < 1e12 ? Int64(slope.rounded()) : 0
    }
}
