extension Ring {
    /// A ring that goes on where an earlier process ended.
    init(
        _ options: RingOptions, recovering recovery: Recovery,
        region: @escaping @Sendable (Origin, Int) -> LogRegion
    ) {
        let newest = recovery.kept.map(\.block.origin).max { $0.epoch < $1.epoch }
        let isSameBoot = newest?.boot == options.boot
        self.init(options, epoch: (newest?.epoch ?? 0) + (isSameBoot ? 0 : 1), region: region)
        registry = recovery.registry()
        for kept in recovery.kept where kept.block.origin.tier < tiers.count {
            let origin = kept.block.origin
            tiers[origin.tier].kept.append(kept)
            tiers[origin.tier].nextSequence = max(tiers[origin.tier].nextSequence, origin.sequence + 1)
            if origin.epoch == epoch { tiers[origin.tier].last = kept.block.ticks.last }
        }
        for number in tiers.indices { tellOfDeaths(recovery.unblockedDeaths, tier: number) }
        for number in tiers.indices.dropLast() { resumeStep(number) }
    }

    /// Gives the coarser tier what its last step had: to go on with in the same boot, and as it is after another one.
    private mutating func resumeStep(_ number: Int) {
        guard let block = tiers[number].kept.last?.block, let last = block.ticks.last else { return }
        if let done = tiers[number + 1].kept.last?.block, let end = done.ticks.last,
            (done.origin.epoch, end.monotonic) >= (block.origin.epoch, last.monotonic)
        {
            return
        }
        let rows = lastStep(number, until: last, epoch: block.origin.epoch)
        guard block.origin.epoch != epoch else {
            for (subject, values) in rows { addFarewell(of: subject, values, to: number + 1) }
            return
        }
        if number + 2 < tiers.count, let before = tiers[number + 1].kept.last?.block, let end = before.ticks.last,
            // It begins another step there.
            before.origin.epoch != block.origin.epoch || tiers[number + 2].step(end) != tiers[number + 2].step(last)
        {
            resumeStep(number + 1)
        }
        var origin = block.origin
        origin.tier = number + 1
        origin.sequence = tiers[number + 1].nextSequence
        origin.columnCount = options.columnCount
        guard let closed = try? BlockBuilder.build(origin, last, rows) else { return }
        tiers[number + 1].nextSequence += 1
        tiers[number + 1].kept.append(Tier.Kept(block: closed))
        registry.retain(closed.subjects)
    }

    /// What each subject had last in the coarser tier's step that ends with a tick.
    private func lastStep(_ number: Int, until last: Tick, epoch: UInt32) -> [SubjectID: [UInt64]] {
        let step = tiers[number + 1].step(last)
        var rows: [SubjectID: [UInt64]] = [:]
        for kept in tiers[number].kept where kept.block.origin.epoch == epoch {
            let block = kept.block
            guard let end = block.ticks.last, tiers[number + 1].step(end) == step else { continue }
            for subject in block.subjects {
                // A piece that cannot be decoded has no say in the coarser tier; reading it tells why.
                try? block.forEachPiece(of: subject) { (piece) throws(FormatError) in
                    guard let run = piece.runs.last,
                        tiers[number + 1].step(block.ticks[run.upperBound - 1]) == step
                    else { return }
                    var values: [UInt64] = []
                    for column in 0..<options.columnCount {
                        values.append(column < block.origin.columnCount ? try piece.values(column).last ?? 0 : 0)
                    }
                    rows[subject] = values
                }
            }
        }
        return rows
    }
}
