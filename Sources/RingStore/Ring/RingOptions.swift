/// What a store keeps, how much of it, and where.
public struct RingOptions: Sendable {
    /// One resolution and how long it is kept.
    public struct Tier: Equatable, Sendable {
        /// From one tick to the next. The first tier takes every tick that is appended, whatever this says.
        public var interval: Duration
        public var retention: Duration

        public init(interval: Duration, retention: Duration) {
            self.interval = interval
            self.retention = retention
        }

        /// A block holds a sixth of the tier: coarse enough that what never moves is paid for seldom, and fine enough
        /// that little more than the retention is held.
        var ticksPerBlock: Int { min(max(tickCount / 6, 1), Format.maximumTickCount) }

        /// How many ticks the retention is long.
        var tickCount: Int { Int(clamping: retention.nanoseconds / max(interval.nanoseconds, 1)) }
    }

    public static let maximumColumnCount = 32
    public static let maximumTierCount = 8
    /// Rows are numbers below this.
    public static let maximumRowCount = 1 << 20

    /// How many counters a row has, 1 to 32.
    public var columnCount: Int
    /// From fine to coarse, 1 to 8, each interval longer than the one before.
    public var tiers = [
        Tier(interval: .seconds(1), retention: .seconds(3_600)),
        Tier(interval: .seconds(60), retention: .seconds(86_400)),
    ]
    /// What logs, blocks and subjects may take in all, in bytes. At least 1 MiB. A tick and the keys and metadata of all its
    /// subjects must fit into an eighth of it, or it is dropped.
    public var memory = 64 << 20
    /// Which boot this is.
    public var boot: Boot
    /// Where blocks are written to; nil keeps them in memory only.
    public var stateDirectory: String?
    /// Where logs are, on a tmpfs; nil keeps them in the memory of this process only.
    public var runtimeDirectory: String?

    public init(columnCount: Int, boot: Boot) {
        self.columnCount = columnCount
        self.boot = boot
    }

    /// How large a tier's log may grow before it becomes a block, in bytes.
    func logCapacity(tier: Int) -> Int { min(memory / (tier == 0 ? 8 : 16), 128 << 20) / 4096 * 4096 }

    func check() {
        precondition((1...Self.maximumColumnCount).contains(columnCount), "a row has 1 to 32 counters")
        precondition((1...Self.maximumTierCount).contains(tiers.count), "a store has 1 to 8 tiers")
        precondition(memory >= 1 << 20, "a store takes at least 1 MiB")
        precondition(
            zip(tiers, tiers.dropFirst()).allSatisfy { $0.interval < $1.interval }, "tiers go from fine to coarse")
    }
}

extension Duration {
    /// Nanoseconds, as far as they fit.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product &+ UInt64(attoseconds / 1_000_000_000)
    }
}
