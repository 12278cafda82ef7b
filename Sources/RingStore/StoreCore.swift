import Synchronization

/// A store without its threads: the ring behind a lock, and the files beside it.
final class StoreCore: Sendable {
    let columnCount: Int
    private let state: Mutex<State>
    private let directories: StoreDirectories
    private let notices: NoticeBoard

    private struct State {
        var ring: Ring
        /// Names of files that nobody needs any more.
        var unneeded = Unneeded()
    }

    private struct Unneeded {
        var blocks: [String] = []
        var logs: [String] = []
    }

    init(
        _ options: RingOptions, at tick: Tick, notify: @escaping @Sendable (RingNotice) -> Void
    ) throws(RingError) {
        let directories = try StoreDirectories(options, notify)
        let notices = NoticeBoard(notify)
        let recovery: Recovery
        do throws(SystemError) {
            recovery = try Recovery(directories, setsAside: true, notify)
        } catch {
            throw RingError.unreadable(error)
        }
        self.directories = directories
        self.notices = notices
        columnCount = options.columnCount
        let ring = Ring(options, recovering: recovery) { origin, capacity in
            directories.region(origin, capacity) {
                notices.fails(.logs, "\($0): a crash loses what is not yet in a block")
            }
        }
        // Their names may be those of the next logs.
        for name in recovery.emptyLogs { directories.runtime?.remove(name) }
        state = Mutex(State(ring: ring))
        _ = state.withLock { Self.evict(&$0, at: tick) }
    }

    func withRing<Result: Sendable>(_ body: (inout Ring) -> Result) -> Result {
        state.withLock { body(&$0.ring) }
    }

    /// - Returns: also whether there is work for the threads.
    func append(
        _ tick: Tick, columns: Span<UInt64>, stride: Int, present: Span<Bool>
    ) -> (RingStore.Outcome, hasWork: Bool) {
        state.withLock { state in
            let outcome = state.ring.append(tick, columns: columns, stride: stride, present: present)
            for failure in state.ring.failures { notices.fails(.logs, "\(failure): a new log is begun in memory") }
            state.ring.failures = []
            let hasEvicted = Self.evict(&state, at: tick)
            return (outcome, hasEvicted || state.ring.nextClosed != nil || notices.isPending)
        }
    }

    /// - Returns: whether there are files to remove.
    private static func evict(_ state: inout State, at tick: Tick) -> Bool {
        let evicted = state.ring.evict(at: tick)
        for kept in evicted {
            if kept.isStored { state.unneeded.blocks.append(kept.block.origin.name(StoreDirectories.blockEnding)) }
            if let log = kept.log { state.unneeded.logs.append(log.name) }
        }
        return !evicted.isEmpty
    }

    /// Makes blocks of closed logs. Takes the time of some ticks, and no lock meanwhile.
    func makeBlocks() {
        while let (tier, log) = withRing({ $0.nextClosed }) {
            let region = log.log.region
            let bytes = region.bytes(region.committed)
            var block: Block?
            do throws(FormatError) {
                block = try BlockBuilder.build(LogContents(bytes, origin: log.log.origin, verifying: false), bytes)
            } catch {
                notices.post(.setAside, "\(log.log.origin.name(StoreDirectories.logEnding)): \(error): it is lost")
            }
            let name = region.path.map { _ in log.log.origin.name(StoreDirectories.logEnding) }
            let isAwaited = block != nil && directories.state != nil
            state.withLock { state in
                state.ring.install(block, tier: tier, logName: isAwaited ? name : nil)
                if let name, !isAwaited { state.unneeded.logs.append(name) }
            }
        }
        notices.deliver()
    }

    /// Writes blocks that have no file, and removes files that nobody needs. Takes as long as the disk does.
    func writeBlocks() {
        removeUnneeded()
        guard let directory = directories.state else { return }
        while let next = withRing({ $0.nextUnstored }) {
            do throws(SystemError) {
                try directory.write(
                    next.block.origin.name(StoreDirectories.blockEnding),
                    [next.block.bytes, BlockFile.encode(next.subjects)])
            } catch {
                notices.fails(.blocks, "\(error): it is kept in memory, and tried again with the next")
                state.withLock { $0.unneeded.logs += $0.ring.forgetLogs() }
                break
            }
            notices.succeeds(.blocks, "\(directory.path): blocks are written again")
            state.withLock { state in
                if !state.ring.markStored(next.block.origin, deathCount: next.deathCount) {
                    state.unneeded.blocks.append(next.block.origin.name(StoreDirectories.blockEnding))
                }
                if let log = next.logName, !next.logIsDamaged { state.unneeded.logs.append(log) }
            }
            if let log = next.logName, next.logIsDamaged { _ = directories.runtime?.setAside(log, "damaged") }
        }
        removeUnneeded()
        notices.deliver()
    }

    /// Lets another process have the store.
    func unlock() {
        directories.state?.unlock()
        directories.runtime?.unlock()
    }

    private func removeUnneeded() {
        let names = state.withLock { state in
            defer { state.unneeded = Unneeded() }
            return state.unneeded
        }
        for name in names.blocks { directories.state?.remove(name) }
        for name in names.logs { directories.runtime?.remove(name) }
    }
}
