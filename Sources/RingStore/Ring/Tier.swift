/// One resolution: the log that ticks go to, logs that are to become blocks, and the blocks, oldest first.
struct Tier {
    /// A log with what is known of it without reading it.
    struct Log {
        let log: TickLog
        var tickCount = 0
        var sampleCount = 0
        var first: Tick?
        var last: Tick?
        /// Who has a record in it; some may have several.
        var subjects: [SubjectID] = []
        /// Who died meanwhile: a block's file tells of them too, whether it has samples of theirs or not.
        var deaths: [SubjectID] = []
    }

    /// A block and what there is of it on disks.
    struct Kept {
        let block: Block
        var deaths: [SubjectID] = []
        /// Its file is there.
        var isStored = false
        /// The log that it was made of, until its file is there: the name of the log's file, and its size.
        var log: (name: String, byteCount: Int)?
        /// The log was damaged behind what the block holds, and is to be set aside.
        var logIsDamaged = false

        var byteCount: Int { block.byteCount + (log?.byteCount ?? 0) }
    }

    let number: Int
    let options: RingOptions.Tier
    let table: RowTable
    var log: Log?
    /// Closed, not yet blocks. Oldest first.
    var closed: [Log] = []
    var kept: [Kept] = []
    var nextSequence: UInt64 = 1
    /// The last tick that was taken in, if it is of this boot.
    var last: Tick?
    /// Who is in no row any more and has values for the next tick.
    var farewells: [SubjectID: [UInt64]] = [:]
    /// Deaths that no log has yet.
    var deaths: [SubjectID] = []
    var evictions: UInt64 = 0

    /// How many logs may wait: blocks are made in the time of a few ticks, logs last for dozens.
    static let maximumClosedCount = 4

    init(number: Int, options: RingOptions.Tier, columnCount: Int) {
        self.number = number
        self.options = options
        table = RowTable(columnCount: columnCount)
    }

    /// Bytes in memory, files on a tmpfs included.
    var byteCount: Int {
        let logs = closed.reduce(log?.log.region.allotted ?? 0) { $0 + $1.log.region.allotted }
        return kept.reduce(logs) { $0 + $1.byteCount } + table.byteCount
    }

    /// Which step of this tier a tick falls into.
    func step(_ tick: Tick) -> UInt64 { tick.monotonic / max(options.interval.nanoseconds, 1) }

    /// Closes the log, so that it becomes a block.
    mutating func closeLog() {
        guard var log else { return }
        (log.deaths, deaths) = (deaths, [])
        closed.append(log)
        self.log = nil
        table.beginLog()
    }
}
