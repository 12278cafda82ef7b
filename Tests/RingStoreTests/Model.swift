import RingStore
import TestSupport

/// What a store should hold, kept in plain arrays: every sample of every subject, for ever.
struct Model {
    struct Sample: Equatable {
        var moment: RingMoment
        var values: [UInt64]
    }

    private(set) var samples: [SubjectID: [Sample]] = [:]
    /// The ticks in the order in which they were taken.
    private(set) var ticks: [RingMoment] = []

    mutating func append(_ moment: RingMoment, _ rows: [(SubjectID, [UInt64])]) {
        ticks.append(moment)
        for (subject, values) in rows { samples[subject, default: []].append(Sample(moment: moment, values: values)) }
    }

    /// What a coarser tier should hold of a subject: of each step that is over the last values, at the step's last tick.
    func downsampled(_ subject: SubjectID, step: UInt64) -> [Sample] {
        var result: [Sample] = []
        var ends: [RingMoment: RingMoment] = [:]
        for (tick, next) in zip(ticks, ticks.dropFirst()) where tick.step(step) != next.step(step) {
            ends[tick.step(step)] = tick
        }
        for sample in samples[subject] ?? [] {
            guard let end = ends[sample.moment.step(step)] else { continue }
            if result.last?.moment == end { result.removeLast() }
            result.append(Sample(moment: end, values: sample.values))
        }
        return result
    }
}

extension RingMoment {
    /// Which step it is in: the moment with the step's number for a time.
    fileprivate func step(_ step: UInt64) -> RingMoment {
        RingMoment(epoch: epoch, tick: Tick(monotonic: tick.monotonic / step, wall: 0))
    }
}

extension History {
    /// All samples of a subject, column by column as the store reads them, put together as rows.
    func samples(_ subject: SubjectID, columns: Int, in range: TimeRange = .all, tier: Int?) throws -> [Model.Sample] {
        var result: [Model.Sample] = []
        for column in 0..<columns {
            var position = 0
            try read(subject, column: column, in: range, tier: tier) { run in
                for index in 0..<run.count {
                    if column == 0 {
                        result.append(Model.Sample(moment: run.moment(index), values: [run.values[index]]))
                    } else if position < result.count, result[position].moment == run.moment(index) {
                        result[position].values.append(run.values[index])
                    }
                    position += 1
                }
            }
        }
        return result
    }
}
