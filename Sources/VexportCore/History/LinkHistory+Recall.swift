internal import RingStore

extension LinkHistory {
    /// The counters of a frame's links as they were some time before, read by this process or by an earlier one of this boot.
    ///
    /// Takes the time of decoding these counters of all links; no tick waits for it.
    ///
    /// - Parameter ages: how long before the frame. A link's newest sample in between counts.
    /// - Returns: a frame of the same links, of which those have counters that have such a sample. Other counters than
    ///   those that were asked for are 0.
    func recall(_ counters: Set<LinkCounter>, of frame: TickFrame, aged ages: ClosedRange<Duration>) -> TickFrame {
        let subjects = recorder.withLock { $0.subjects(of: frame.links) }
        let history = store.history()
        let range = TimeRange.moments(
            moment(ages.upperBound, before: frame)...moment(ages.lowerBound, before: frame))
        var ticks: [Tick: [(slot: Int, values: [UInt64])]] = [:]
        for (slot, subject) in subjects.enumerated() {
            guard let subject, let sample = history.last(counters, of: subject, in: range) else { continue }
            ticks[sample.tick, default: []].append((slot, sample.values))
        }
        var places = [CounterPlace](repeating: .none, count: frame.links.slotCount)
        let blocks = ticks.sorted { $0.key.monotonic < $1.key.monotonic }.enumerated().map { number, tick in
            var samples = TickSamples()
            samples.moment = Moment(tick.key)
            for (row, link) in tick.value.enumerated() {
                places[link.slot] = CounterPlace(block: UInt32(number), row: UInt32(row))
                samples.append(index: 0, row: link.values.span.bytes)
            }
            return samples.block
        }
        return TickFrame(frame, recalled: FrameCounters(blocks: blocks, places: places))
    }

    private func moment(_ age: Duration, before frame: TickFrame) -> RingMoment {
        let moment = Moment(timestamp: frame.moment.timestamp, instant: frame.moment.instant - age)
        return RingMoment(epoch: store.epoch, tick: Tick(moment))
    }
}

extension History {
    /// A subject's newest sample in a range: all columns, of which only those of `counters` are read. nil without one, or
    /// when its bytes can't be read, which whoever asks for the history is told.
    fileprivate func last(
        _ counters: Set<LinkCounter>, of subject: SubjectID, in range: TimeRange
    ) -> (tick: Tick, values: [UInt64])? {
        var values = [UInt64](repeating: 0, count: CounterBlock.counterLimit)
        var tick: Tick?
        for counter in counters {
            do throws(FormatError) {
                try read(subject, column: counter.rawValue, in: range) { run in
                    guard run.count > 0 else { return }
                    tick = run.ticks[run.count - 1]
                    values[counter.rawValue] = run.values[run.count - 1]
                }
            } catch { return nil }
        }
        return tick.map { ($0, values) }
    }
}

extension TickFrame {
    /// A frame's links with the counters that they had before.
    fileprivate init(_ frame: TickFrame, recalled counters: FrameCounters) {
        self.init(
            moment: frame.moment, duration: frame.duration, links: frame.links, owners: frame.owners,
            counters: counters, bridges: frame.bridges, eventCounts: frame.eventCounts,
            inferredEvents: frame.inferredEvents)
    }
}
