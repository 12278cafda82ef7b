import RingStore

/// Decides which link is which of the store's subjects, and lays a tick's counters out as the store takes them.
///
/// A link's row is its slot, so that links that come and go move no other.
struct HistoryRecorder {
    /// The link of a slot, as the store knows it.
    private struct Occupant {
        var subject: SubjectID
        var key: [UInt8]
        var record: LinkRecord
        var counterCount: Int
    }

    private let epoch: UInt32
    private let openedAt: Tick
    /// Those of an earlier process, by where they were.
    private var recovered: [String: [UInt8]] = [:]
    private var hasEndedUnattached = false
    private var occupants: [Occupant?] = []
    /// What `rows` was made for.
    private var links: FrameLinks?
    private var places: [CounterPlace] = []
    private var rows = HistoryRows()
    /// The last round through other namespaces that was taken in.
    private var lastRound: ContinuousClock.Instant?
    /// The last tick did not fit.
    private(set) var isDropping = false
    /// No tick is taken in any more.
    var isClosed = false

    init(recovered history: History, epoch: UInt32, openedAt: Tick) {
        self.epoch = epoch
        self.openedAt = openedAt
        for subject in history.subjects.values where subject.died == nil && subject.born.epoch == epoch {
            if let place = HistoryLink(metadata: subject.metadata)?.place { recovered[place] = subject.key }
        }
    }

    /// Has the store know the links of a frame. O(links), and only when any changed.
    mutating func settle(
        _ frame: TickFrame, _ inventory: borrowing Inventory, _ tick: Tick, in store: RingStore, ownKey: String
    ) {
        if links !== frame.links || places != frame.counters.places {
            let slotCount = min(frame.links.slotCount, RingOptions.maximumRowCount)
            while occupants.count < slotCount { occupants.append(nil) }
            for slot in 0..<slotCount {
                settle(slot, frame, inventory, tick, in: store, ownKey: ownKey)
            }
            links = frame.links
            places = frame.counters.places
            rows = HistoryRows(frame.counters, isKept: occupants.map { $0 != nil })
        }
        guard !hasEndedUnattached, tick.monotonic > openedAt.monotonic,
            Duration.nanoseconds(Int64(clamping: tick.monotonic - openedAt.monotonic)) >= LinkHistory.grace
        else { return }
        store.endUnattached(at: tick)
        hasEndedUnattached = true
        recovered = [:]
    }

    private mutating func settle(
        _ slot: Int, _ frame: TickFrame, _ inventory: borrowing Inventory, _ tick: Tick, in store: RingStore,
        ownKey: String
    ) {
        guard let record = frame.links[slot] else {
            // Without a record its name may only be in doubt.
            if let old = occupants[slot], inventory.link(slot: slot)?.identity != old.record.link.identity {
                store.end(old.subject, at: tick)
                occupants[slot] = nil
            }
            return
        }
        if let old = occupants[slot], old.record.link.identity != record.link.identity {
            store.end(old.subject, at: tick)
            occupants[slot] = nil
        }
        let counterCount = frame.counters.counterCount(slot: slot)
        if let old = occupants[slot], old.record === record || counterCount == 0 { return }
        guard counterCount > 0 else { return }
        let link = HistoryLink(
            record, counterCount: counterCount, file: inventory.namespaces[record.link.place.namespace]?.file,
            ownKey: ownKey)
        let key =
            occupants[slot]?.key ?? link.place.flatMap { recovered.removeValue(forKey: $0) }
            ?? newKey(of: record.link, tick)
        let subject = store.attach(key: key, metadata: link.metadata, row: slot, at: tick)
        occupants[slot] = Occupant(subject: subject, key: key, record: record, counterCount: counterCount)
    }

    /// A key that no other link has: the boot, when it was first seen, and how many were seen before it.
    private func newKey(of link: Link, _ tick: Tick) -> [UInt8] {
        var key: [UInt8] = []
        for number in [UInt64(epoch), tick.monotonic, link.identity.birth] {
            unsafe withUnsafeBytes(of: number.littleEndian) { unsafe key.append(contentsOf: $0) }
        }
        return key
    }

    /// By slot, what the store knows links as; nil for those that it does not know.
    func subjects(of links: FrameLinks) -> [SubjectID?] {
        (0..<links.slotCount).map { slot in
            guard occupants.indices.contains(slot), let occupant = occupants[slot],
                occupant.record.link.identity == links[slot]?.link.identity
            else { return nil }
            return occupant.subject
        }
    }

    /// Appends what a frame read of all links that the store knows.
    mutating func append(_ frame: TickFrame, _ tick: Tick, to store: RingStore) {
        // A round through other namespaces serves several ticks, and is taken in once.
        let round = frame.counters.blocks.count > 1 ? frame.counters.blocks[1].moment.instant : nil
        let outcome = rows.append(frame.counters, tick, to: store, hasRemote: round != nil && round != lastRound)
        if outcome != .late { isDropping = outcome == .dropped }
        lastRound = round
    }
}
