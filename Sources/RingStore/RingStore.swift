import Synchronization

/// A compressed history of counters: many subjects, a row of up to 32 counters of each, one timestamp a tick.
///
/// It is bounded in memory and in time, keeps coarser tiers behind the finest, and survives the end of its process: what
/// is open lies in a map on a tmpfs, what is closed is written to files by a thread of its own. Whatever is wrong with
/// disks and files, ticks are taken in and what is in memory can be read. FORMAT.md describes the bytes.
public final class RingStore: Sendable {
    /// What became of a tick.
    public enum Outcome: Sendable {
        case appended
        /// It was not after the one before.
        case late
        /// There was no room: blocks could not be made as fast as logs were filled.
        case dropped
    }

    private let core: StoreCore
    private let sealer: Worker
    private let writer: Worker
    private let isClosed = Mutex(false)

    /// Opens a store, with what an earlier process left in its directories.
    ///
    /// A directory that cannot be made or written to is told of, and done without.
    ///
    /// - Parameters:
    ///   - tick: now. What is past its retention is not taken in.
    ///   - notify: is called from any of the store's threads.
    /// - Throws: `RingError.inUse` when another process has one of the directories.
    public init(
        _ options: RingOptions, at tick: Tick, notify: @escaping @Sendable (RingNotice) -> Void
    ) throws(RingError) {
        let core = try StoreCore(options, at: tick, notify: notify)
        let writer = Worker(name: "ring-writer") { core.writeBlocks() }
        self.core = core
        self.writer = writer
        sealer = Worker(name: "ring-sealer") {
            core.makeBlocks()
            writer.wake()
        }
        sealer.wake()
    }

    deinit { close() }

    /// Which boot this is, among those that the store knows of: moments of this process have it.
    public var epoch: UInt32 { core.withRing { $0.epoch } }

    /// Puts a subject into a row: the one that lives with this key, from this process or an earlier one, or else a new
    /// one. Whoever was in the row is dead by that.
    ///
    /// - Parameters:
    ///   - key: at most 256 bytes.
    ///   - metadata: at most 1024 bytes; takes the place of what was there. A restart knows them from the next sample on.
    ///   - row: below 1,048,576; where the subject's counters are in what is appended.
    ///   - tick: now: its birth, if it is new.
    public func attach(key: [UInt8], metadata: [UInt8] = [], row: Int, at tick: Tick) -> SubjectID {
        precondition(key.count <= Subject.maximumKeyLength, "a key has at most 256 bytes")
        precondition(metadata.count <= Subject.maximumMetadataLength, "metadata have at most 1024 bytes")
        precondition((0..<RingOptions.maximumRowCount).contains(row), "row \(row) is out of range")
        return core.withRing { $0.attach(key: key, metadata: metadata, row: row, at: tick) }
    }

    /// Records a subject's death. Its history stays until it ages out; one of the same key is a new subject.
    public func end(_ subject: SubjectID, at tick: Tick) {
        core.withRing { $0.end(subject, at: tick) }
    }

    /// Records the death of those of an earlier process whom nobody attached in this one.
    public func endUnattached(at tick: Tick) {
        core.withRing { $0.endUnattached(at: tick) }
    }

    /// Takes in a tick. Waits for no disk and for no reader.
    ///
    /// - Parameters:
    ///   - columns: the counters, column by column: that of a row in a column is at `column * stride + row`.
    ///   - present: which rows this tick read. Rows in which nobody is are left out.
    @discardableResult
    public func append(_ tick: Tick, columns: Span<UInt64>, stride: Int, present: Span<Bool>) -> Outcome {
        precondition(
            present.isEmpty
                || stride >= present.count
                    && columns.count >= (core.columnCount - 1) * stride + present.count,
            "a value in each column for each row")
        let (outcome, hasWork) = core.append(tick, columns: columns, stride: stride, present: present)
        if hasWork { sealer.wake() }
        return outcome
    }

    /// What is held now. Costs no copy of it.
    public func history() -> History { core.withRing { $0.history } }

    public var statistics: RingStatistics { core.withRing { $0.statistics } }

    /// Waits until all closed logs are blocks and, if the disk takes them, files.
    public func flush() {
        sealer.drain()
        writer.drain()
    }

    /// Writes all to files and ends. The store may not be used any more.
    public func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        core.withRing { $0.closeLogs() }
        flush()
        sealer.stop()
        writer.stop()
        core.unlock()
    }
}
