/// What is in a log up to one moment, walked through once: where its ticks are, who was in which row, who died.
struct LogContents {
    /// Who is in a row from a tick on.
    struct Arrival {
        var row: Int
        var subject: SubjectID
        /// The first tick that may have its samples.
        var tick: Int
    }

    /// The last values of somebody who is in no row any more.
    struct Farewell {
        var subject: SubjectID
        var tick: Int
        var values: [UInt64]
    }

    let origin: Origin
    private(set) var ticks: [Tick] = []
    /// Where each tick's record begins.
    private(set) var tickOffsets: [Int] = []
    private(set) var groupCount = 0
    /// By group, in the order of ticks.
    private(set) var arrivals: [Int: [Arrival]] = [:]
    private(set) var farewells: [Farewell] = []
    private(set) var subjects: [SubjectID: Subject] = [:]
    private(set) var deaths: [SubjectID: RingMoment] = [:]
    /// Why the walk ended before the end, if it did. What came before is good.
    private(set) var damage: FormatError?

    /// Walks through the records of a log.
    ///
    /// - Parameters:
    ///   - bytes: the log from its first byte to what is committed.
    ///   - verifying: whether to compare checksums, which only what comes from outside this process needs.
    init(_ bytes: RawSpan, origin: Origin, verifying: Bool) {
        self.origin = origin
        var offset = LogHeader.byteCount
        do throws(FormatError) {
            while offset < bytes.byteCount {
                var reader = ByteReader(bytes, at: offset)
                let length = Int(try reader.fixed(UInt32.self))
                guard length >= LogRecord.headerByteCount, length % 8 == 0, length <= bytes.byteCount - offset else {
                    throw FormatError("a record of \(length) bytes at offset \(offset)")
                }
                let record = bytes.extracting(offset..<(offset + length))
                let checksum = try reader.fixed(UInt32.self)
                guard !verifying || checksum == Checksum.of(record.extracting(8..<length)) else {
                    throw FormatError("checksum of the record at offset \(offset)")
                }
                try take(record, at: offset)
                offset += length
            }
        } catch {
            damage = error
        }
        // Who says farewell to a tick that did not come has no sample.
        farewells.removeAll { $0.tick >= ticks.count }
    }

    private mutating func take(_ record: RawSpan, at offset: Int) throws(FormatError) {
        var reader = ByteReader(record, at: 8)
        let number = try reader.fixed(UInt32.self)
        let argument = Int(try reader.fixed(UInt32.self))
        guard let kind = LogRecord.Kind(rawValue: UInt8(clamping: number)) else {
            throw FormatError("a record of kind \(number) at offset \(offset)")
        }
        switch kind {
        case .subject:
            let subject = try Subject(decoding: &reader)
            guard argument < RingOptions.maximumRowCount else { throw FormatError("row \(argument)") }
            subjects[subject.id] = subject
            arrivals[argument / RowTable.groupSize, default: []].append(
                Arrival(row: argument % RowTable.groupSize, subject: subject.id, tick: ticks.count))
        case .death:
            let id = SubjectID(try reader.varint())
            deaths[id] = try RingMoment(decoding: &reader)
        case .farewell:
            let subject = try Subject(decoding: &reader)
            var values: [UInt64] = []
            for _ in 0..<origin.columnCount { values.append(try reader.varint()) }
            subjects[subject.id] = subject
            farewells.append(Farewell(subject: subject.id, tick: ticks.count, values: values))
        case .tick:
            let tick = Tick(monotonic: try reader.fixed(), wall: try reader.fixed())
            if let last = ticks.last, tick.monotonic <= last.monotonic { throw FormatError("ticks that do not rise") }
            guard ticks.count < Format.maximumTickCount else { throw FormatError("too many ticks") }
            guard argument <= min(reader.left / 4, RingOptions.maximumRowCount / RowTable.groupSize) else {
                throw FormatError("\(argument) groups of rows")
            }
            ticks.append(tick)
            tickOffsets.append(offset)
            groupCount = max(groupCount, argument)
        }
    }
}
