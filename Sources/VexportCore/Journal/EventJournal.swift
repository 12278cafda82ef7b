import Synchronization

/// The latest events of links, numbered in their order: what `vexport events` shows. Bounded: the oldest go first.
public final class EventJournal: Sendable {
    /// How many events are kept: some hundred bytes each.
    public static let defaultCapacity = 10_000

    /// Events read at once.
    public struct Page: Equatable, Sendable {
        public var entries: [JournalEntry]
        /// What to ask for next.
        public var last: UInt64
        /// Whether events after the number asked for were dropped before they could be read.
        public var hasMissed: Bool
    }

    private struct State {
        /// A ring: the entry with the number n is at n % capacity.
        var ring: [JournalEntry] = []
        var last: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    public init(capacity: Int = EventJournal.defaultCapacity) {
        precondition(capacity > 0, "a journal without room")
        self.capacity = capacity
    }

    /// The number of the latest event; 0 before the first.
    public var last: UInt64 { state.withLock { $0.last } }

    /// Adds events and gives them their numbers.
    func append(_ entries: [JournalEntry]) {
        guard !entries.isEmpty else { return }
        let waiting = state.withLock { state in
            for var entry in entries {
                state.last += 1
                entry.sequence = state.last
                if state.ring.count < capacity {
                    state.ring.append(entry)
                } else {
                    state.ring[Int((state.last - 1) % UInt64(capacity))] = entry
                }
            }
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Reads events, oldest first.
    ///
    /// - Parameters:
    ///   - sequence: those with a higher number; 0 for all there are. One that is higher than any is from before a restart.
    ///   - limit: how many at most.
    ///   - isWanted: which of them.
    public func read(
        after sequence: UInt64, limit: Int = .max, where isWanted: (JournalEntry) -> Bool = { _ in true }
    ) -> Page {
        // Taken out at once, so that a filter never keeps the pipeline waiting.
        let (ring, last) = state.withLock { ($0.ring, $0.last) }
        let isForeign = sequence > last
        let sequence = isForeign ? 0 : sequence
        let oldest = last - UInt64(ring.count) + 1
        var page = Page(entries: [], last: last, hasMissed: isForeign || (sequence + 1 < oldest && sequence > 0))
        guard last > sequence, !ring.isEmpty else { return page }
        for number in max(sequence + 1, oldest)...last {
            let entry = ring[Int((number - 1) % UInt64(capacity))]
            guard isWanted(entry) else { continue }
            if page.entries.count == limit {
                page.last = number - 1
                break
            }
            page.entries.append(entry)
        }
        return page
    }

    /// Returns once there are events after a number, or the time is up, or the task is cancelled.
    public func waitForMore(after sequence: UInt64, atMost time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.nextAppend(after: sequence) }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
    }

    private func nextAppend(after sequence: UInt64) async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // One that is cancelled before it is registered would never be found again.
                    if state.last > sequence || Task.isCancelled { return true }
                    state.waiting[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume()
        }
    }
}
