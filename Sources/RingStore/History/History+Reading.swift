extension History {
    /// Visits the samples of one counter, oldest first, as stretches without a gap.
    ///
    /// Takes the time of decoding one column of each block that the range touches, and memory for one.
    ///
    /// - Parameters:
    ///   - subject: whose; nothing is visited if the store does not know it.
    ///   - column: which counter, below the store's column count.
    ///   - tier: nil reads the finest tier, and before its first tick the coarser ones.
    /// - Throws: when a block's bytes do not keep to the format.
    public func read(
        _ subject: SubjectID, column: Int, in range: TimeRange = .all, tier: Int? = nil,
        _ body: (borrowing SampleRun) -> Void
    ) throws(FormatError) {
        var ends: RingMoment?
        var parts: [(tier: Int, before: RingMoment?)] = []
        for number in 0..<tierCount where tier == nil || tier == number {
            parts.append((number, ends))
            if let first = first(tier: number) { ends = min(ends ?? first, first) }
        }
        for part in parts.reversed() {
            for source in sources[part.tier] where column < source.origin.columnCount {
                if let before = part.before, let first = source.first, first >= before { break }
                guard source.touches(range) else { continue }
                let wanted = Selection(range: range, epoch: source.origin.epoch, before: part.before)
                switch source {
                case .block(let block):
                    try block.forEachPiece(of: subject) { (piece) throws(FormatError) in
                        // What is not asked for is not decoded.
                        guard piece.runs.contains(where: { wanted.touches(block.ticks, $0) }) else { return }
                        wanted.lend(block.ticks, piece.runs, try piece.values(column), body)
                    }
                case .log(let view, _, _, _):
                    try view.forEachPiece(of: subject, column: column) { (ticks, runs, values) throws(FormatError) in
                        wanted.lend(ticks, runs, values, body)
                    }
                }
            }
        }
    }

    /// Visits the last sample of each step: the counter exactly as it was read then, with the time of that reading.
    ///
    /// - Parameter step: steps begin at multiples of it since boot.
    public func read(
        _ subject: SubjectID, column: Int, in range: TimeRange = .all, tier: Int? = nil, step: Duration,
        _ body: (RingMoment, UInt64) -> Void
    ) throws(FormatError) {
        var downsampler = Downsampler(step: step)
        try read(subject, column: column, in: range, tier: tier) { run in
            for index in 0..<run.count {
                if let last = downsampler.take(run.moment(index), run.values[index]) { body(last.moment, last.value) }
            }
        }
        if let last = downsampler.finish() { body(last.moment, last.value) }
    }
}

extension History.Source {
    /// False only if none of its ticks can be meant. Wall times may be in any order, so they are looked at one by one.
    fileprivate func touches(_ range: TimeRange) -> Bool {
        guard case .moments(let range) = range, let bounds else { return true }
        return range.upperBound >= RingMoment(epoch: origin.epoch, tick: bounds.first)
            && range.lowerBound <= RingMoment(epoch: origin.epoch, tick: bounds.last)
    }
}

/// Which ticks of one source are meant.
private struct Selection {
    let range: TimeRange
    let epoch: UInt32
    /// From here on there is a finer tier.
    let before: RingMoment?

    func contains(_ tick: Tick) -> Bool {
        if let before, RingMoment(epoch: epoch, tick: tick) >= before { return false }
        return range.contains(epoch, tick)
    }

    func touches(_ ticks: [Tick], _ run: Range<Int>) -> Bool { run.contains { contains(ticks[$0]) } }

    /// Lends the parts of runs that are meant.
    func lend(_ ticks: [Tick], _ runs: [Range<Int>], _ values: [UInt64], _ body: (borrowing SampleRun) -> Void) {
        var offset = 0
        for run in runs {
            var start = run.lowerBound
            while start < run.upperBound {
                guard contains(ticks[start]) else {
                    start += 1
                    continue
                }
                var end = start + 1
                while end < run.upperBound, contains(ticks[end]) { end += 1 }
                let first = offset + start - run.lowerBound
                body(
                    SampleRun(
                        epoch: epoch, ticks: ticks.span.extracting(start..<end),
                        values: values.span.extracting(first..<(first + end - start))))
                start = end
            }
            offset += run.count
        }
    }
}
