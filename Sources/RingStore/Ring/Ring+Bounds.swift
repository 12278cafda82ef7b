extension Ring {
    /// The oldest log that waits to become a block, with its tier.
    var nextClosed: (tier: Int, log: Tier.Log)? {
        tiers.lazy.compactMap { tier in tier.closed.first.map { (tier.number, $0) } }.first
    }

    /// Puts a block in the place of the oldest closed log.
    ///
    /// - Parameters:
    ///   - block: nil when there was no tick in the log.
    ///   - logName: the log's file, if it has one.
    mutating func install(_ block: Block?, tier number: Int, logName: String?) {
        let log = tiers[number].closed.removeFirst()
        if let block {
            registry.retain(block.subjects)
            var kept = Tier.Kept(block: block, deaths: log.deaths)
            if let logName { kept.log = (logName, log.log.region.allotted) }
            tiers[number].kept.append(kept)
        } else {
            tellOfDeaths(log.deaths, tier: number)
        }
        registry.release(log.subjects)
    }

    /// Has a tier's last block tell of deaths that no log of its own tells of. Without a block there are no samples either.
    mutating func tellOfDeaths(_ deaths: [SubjectID], tier number: Int) {
        guard !deaths.isEmpty, let last = tiers[number].kept.indices.last else { return }
        tiers[number].kept[last].deaths += deaths
        tiers[number].kept[last].isStored = false
    }

    /// Bytes in memory: logs, blocks, subjects.
    var byteCount: Int { tiers.reduce(registry.byteCount) { $0 + $1.byteCount } }

    /// Drops blocks that are past their retention, and, while there is too much, the oldest block of the tier that is
    /// most above its share.
    ///
    /// - Returns: what was dropped.
    mutating func evict(at tick: Tick) -> [Tier.Kept] {
        var evicted: [Tier.Kept] = []
        for number in tiers.indices {
            while let oldest = tiers[number].kept.first, isPast(oldest.block, tiers[number].options, tick) {
                evicted.append(evictOldest(of: number))
            }
        }
        while byteCount > options.memory, let number = Self.mostAboveShare(tiers) {
            evicted.append(evictOldest(of: number))
        }
        return evicted
    }

    /// The tier to take from: its bytes against how many ticks it is to hold. The one that holds a day at a minute would
    /// always have the oldest block, and go first for the least gain.
    static func mostAboveShare(_ tiers: [Tier]) -> Int? {
        tiers.filter { !$0.kept.isEmpty }.max {
            Double($0.byteCount) / Double(max($0.options.tickCount, 1))
                < Double($1.byteCount) / Double(max($1.options.tickCount, 1))
        }?.number
    }

    private mutating func evictOldest(of number: Int) -> Tier.Kept {
        let kept = tiers[number].kept.removeFirst()
        registry.release(kept.block.subjects)
        tiers[number].evictions += 1
        return kept
    }

    /// Within a boot by monotonic time; what came before it by wall time, which is all there is.
    private func isPast(_ block: Block, _ tier: RingOptions.Tier, _ now: Tick) -> Bool {
        guard let last = block.ticks.last else { return true }
        let retention = tier.retention.nanoseconds
        if block.origin.epoch == epoch {
            return now.monotonic > last.monotonic && now.monotonic - last.monotonic > retention
        }
        let (age, overflow) = now.wall.subtractingReportingOverflow(last.wall)
        return !overflow && age > 0 && UInt64(age) > retention
    }
}
