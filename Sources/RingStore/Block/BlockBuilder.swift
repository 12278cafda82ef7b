/// Makes a block, mostly of a log.
struct BlockBuilder {
    private let origin: Origin
    private let ticks: [Tick]
    private var pieces: [UInt8] = []
    private var index: [(subject: SubjectID, firstTick: Int, offset: Int)] = []
    private var sampleCount = 0

    /// Makes the block; nil for a log without a tick.
    ///
    /// - Parameter bytes: the log that `contents` was walked from.
    static func build(_ contents: LogContents, _ bytes: RawSpan) throws(FormatError) -> Block? {
        var builder = BlockBuilder(origin: contents.origin, ticks: contents.ticks)
        for group in 0..<contents.groupCount { try builder.add(try RowGroup(group, of: contents, bytes)) }
        for farewell in contents.farewells {
            builder.add(
                farewell.subject, runs: [farewell.tick..<(farewell.tick + 1)],
                columns: farewell.values.map { $0 == 0 ? nil : [$0] })
        }
        return try builder.finish()
    }

    /// Makes a block of a single tick.
    static func build(_ origin: Origin, _ tick: Tick, _ rows: [SubjectID: [UInt64]]) throws(FormatError) -> Block? {
        var builder = BlockBuilder(origin: origin, ticks: [tick])
        for (subject, values) in rows {
            builder.add(subject, runs: [0..<1], columns: values.map { $0 == 0 ? nil : [$0] })
        }
        return try builder.finish()
    }

    private init(origin: Origin, ticks: [Tick]) {
        self.origin = origin
        self.ticks = ticks
    }

    private mutating func add(_ group: RowGroup) throws(FormatError) {
        for stay in group.stays {
            let runs = group.runs(of: stay)
            guard !runs.isEmpty else { continue }
            add(
                stay.subject, runs: runs,
                columns: (0..<origin.columnCount).map { group.values(of: stay, column: $0, runs: runs) })
        }
    }

    private mutating func add(_ subject: SubjectID, runs: [Range<Int>], columns: [[UInt64]?]) {
        index.append((subject, runs[0].lowerBound, pieces.count))
        PieceEncoder.encode(runs: runs, of: ticks.count, columns: columns, into: &pieces)
        sampleCount += runs.reduce(0) { $0 + $1.count } * columns.count
    }

    private mutating func finish() throws(FormatError) -> Block? {
        guard !ticks.isEmpty else { return nil }
        var body: [UInt8] = []
        TickCodec.encode(ticks, into: &body)
        let start = body.count + index.count * Block.indexEntryByteCount
        index.sort { ($0.subject, $0.firstTick) < ($1.subject, $1.firstTick) }
        for entry in index {
            body.append(fixed: entry.subject.number)
            body.append(fixed: UInt32(start + entry.offset))
        }
        body += pieces
        let header = BlockHeader(
            origin: origin, tickCount: ticks.count, pieceCount: index.count,
            sampleCount: UInt64(sampleCount), body: body.rawSpan)
        return try Block(header.encode() + body, verifying: false)
    }
}
