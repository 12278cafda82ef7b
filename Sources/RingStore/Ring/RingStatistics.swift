/// What a store holds and what became of what it got.
public struct RingStatistics: Equatable, Sendable {
    public struct Tier: Equatable, Sendable {
        /// From the oldest to the newest tick, without the time between boots.
        public var held: Duration
        /// In memory: log, blocks, last values.
        public var bytes: Int
        /// Of all columns together.
        public var samples: UInt64
        public var blocks: Int
        /// Blocks dropped since the store was opened.
        public var evictions: UInt64
    }

    public var tiers: [Tier]
    /// Of all tiers, and of subjects.
    public var bytes: Int
    /// Those who live and those of whom there are samples.
    public var subjects: Int
    /// Ticks refused since they were not after the one before.
    public var lateTicks: UInt64
    /// Ticks for which there was no room: blocks could not be made as fast as logs were filled.
    public var droppedTicks: UInt64
    /// Blocks that are in memory only, since they could not be written yet.
    public var unwrittenBlocks: Int
}

extension Ring {
    var statistics: RingStatistics {
        RingStatistics(
            tiers: tiers.map(\.statistics), bytes: byteCount, subjects: registry.subjects.count, lateTicks: lateTicks,
            droppedTicks: droppedTicks,
            unwrittenBlocks: tiers.reduce(0) { $0 + $1.kept.count { !$0.isStored } })
    }
}

extension Tier {
    fileprivate var statistics: RingStatistics.Tier {
        let logs = closed + (log.map { [$0] } ?? [])
        var spans: [UInt32: (first: UInt64, last: UInt64)] = [:]
        func take(_ epoch: UInt32, _ first: Tick?, _ last: Tick?) {
            guard let first, let last else { return }
            spans[epoch] = (spans[epoch]?.first ?? first.monotonic, last.monotonic)
        }
        for kept in kept { take(kept.block.origin.epoch, kept.block.ticks.first, kept.block.ticks.last) }
        for log in logs { take(log.log.origin.epoch, log.first, log.last) }
        return RingStatistics.Tier(
            held: spans.values.reduce(.zero) { $0 + .nanoseconds(Int64(clamping: $1.last - min($1.first, $1.last))) },
            bytes: byteCount,
            samples: kept.reduce(logs.reduce(0) { $0 + UInt64($1.sampleCount) }) { $0 &+ $1.block.sampleCount },
            blocks: kept.count, evictions: evictions)
    }
}
