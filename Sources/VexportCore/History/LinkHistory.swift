public import RingStore
import Synchronization

/// Remembers the counters of all links, tick by tick, in a ring that outlives the process. The pipeline writes, anybody
/// reads.
///
/// A link's series is that of its identity: it goes on over a rename, a move and a restart of vexport; a link that is made
/// again under the same name begins another.
public final class LinkHistory: Sendable {
    /// How long after the start a link of an earlier process may take to show up again; then it counts as gone. Links of
    /// other namespaces are read after the first round through these.
    static let grace = Duration.seconds(30)

    let store: RingStore
    private let ownKey: String
    private let notify: @Sendable (RingNotice) -> Void
    let recorder: Mutex<HistoryRecorder>
    /// How tiers are called in labels, such as `1s`.
    let tierNames: [String]

    /// The options of a store of links' counters.
    public static func options(boot: Boot) -> RingOptions {
        RingOptions(columnCount: CounterBlock.counterLimit, boot: boot)
    }

    /// Opens the store, with what an earlier process left there.
    ///
    /// - Parameters:
    ///   - options: made by `options(boot:)`.
    ///   - tierNames: one for each tier.
    ///   - ownKey: vexport's own namespace, by its file's `historyKey`; empty when that is not known, and then no link is
    ///     found again.
    ///   - notify: is told of all that goes wrong and right again, from any thread.
    /// - Throws: `RingError.inUse` when another process has the store.
    public init(
        _ options: RingOptions, tierNames: [String], ownKey: String, at now: Moment,
        notify: @escaping @Sendable (RingNotice) -> Void
    ) throws(RingError) {
        precondition(tierNames.count == options.tiers.count, "a name for each tier")
        store = try RingStore(options, at: Tick(now), notify: notify)
        self.tierNames = tierNames
        self.ownKey = ownKey
        self.notify = notify
        let epoch = store.epoch
        recorder = Mutex(HistoryRecorder(recovered: store.history(), epoch: epoch, openedAt: Tick(now)))
    }

    /// Takes in a scheduled tick. Waits for no disk and for no reader.
    func append(_ frame: TickFrame, _ inventory: borrowing Inventory) {
        let tick = Tick(frame.moment)
        recorder.withLock { recorder in
            guard !recorder.isClosed else { return }
            recorder.settle(frame, inventory, tick, in: store, ownKey: ownKey)
            let wasDropping = recorder.isDropping
            recorder.append(frame, tick, to: store)
            guard recorder.isDropping != wasDropping else { return }
            notify(
                recorder.isDropping
                    ? RingNotice(
                        kind: .degraded,
                        description: "no room for a tick of all links: it is left out; storage.memory allows for more")
                    : RingNotice(kind: .restored, description: "ticks are taken in again"))
        }
    }

    /// What is held now. Costs no copy of it; reading it delays no tick.
    public func archive() -> HistoryArchive { HistoryArchive(store.history()) }

    var statistics: RingStatistics { store.statistics }

    /// Writes all to files and ends. Ticks that come later are passed over.
    public func close() {
        recorder.withLock { $0.isClosed = true }
        store.close()
    }
}

extension Tick {
    /// Source: CLOCK_BOOTTIME, which `ContinuousClock` reads, and CLOCK_REALTIME.
    init(_ moment: Moment) {
        let (seconds, attoseconds) = (moment.instant - ContinuousClock().systemEpoch).components
        self.init(
            monotonic: UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000,
            wall: moment.timestamp.nanoseconds)
    }
}

extension Moment {
    init(_ tick: Tick) {
        self.init(
            timestamp: Timestamp(nanoseconds: tick.wall),
            instant: ContinuousClock().systemEpoch + .nanoseconds(Int64(clamping: tick.monotonic)))
    }
}
