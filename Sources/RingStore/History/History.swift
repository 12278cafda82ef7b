/// What a store held at one moment. Never changes, whatever is appended or evicted meanwhile; reading it delays no tick.
public struct History: Sendable {
    /// A stretch of one tier.
    enum Source: Sendable {
        case block(Block)
        case log(LogView, Origin, first: Tick, last: Tick)

        var origin: Origin {
            switch self {
            case .block(let block): block.origin
            case .log(_, let origin, _, _): origin
            }
        }

        var bounds: (first: Tick, last: Tick)? {
            switch self {
            case .block(let block):
                if let first = block.ticks.first, let last = block.ticks.last { (first, last) } else { nil }
            case .log(_, _, let first, let last): (first, last)
            }
        }

        var first: RingMoment? { bounds.map { RingMoment(epoch: origin.epoch, tick: $0.first) } }
    }

    /// Those who live and those of whom there are samples.
    public let subjects: [SubjectID: Subject]
    /// By tier, oldest first.
    let sources: [[Source]]

    public var tierCount: Int { sources.count }

    /// When the first sample of a tier was taken; nil for an empty one.
    public func first(tier: Int) -> RingMoment? { sources[tier].lazy.compactMap(\.first).first }

    /// When the last sample of a tier was taken; nil for an empty one.
    public func last(tier: Int) -> RingMoment? {
        sources[tier].lazy.reversed().compactMap { source in
            source.bounds.map { RingMoment(epoch: source.origin.epoch, tick: $0.last) }
        }.first
    }
}

/// Which ticks to read.
public enum TimeRange: Equatable, Sendable {
    case all
    /// By wall time, in nanoseconds since 1970, both ends included. A stepped clock may show a time twice: then both
    /// ticks are in it, in the order in which they were.
    case wall(ClosedRange<Int64>)
    /// By order: from one moment to another, both included.
    case moments(ClosedRange<RingMoment>)

    func contains(_ epoch: UInt32, _ tick: Tick) -> Bool {
        switch self {
        case .all: true
        case .wall(let range): range.contains(tick.wall)
        case .moments(let range): range.contains(RingMoment(epoch: epoch, tick: tick))
        }
    }
}

/// A stretch of consecutive samples of one counter: a tick for each value. Lent, not copied.
public struct SampleRun: ~Escapable {
    public let epoch: UInt32
    public let ticks: Span<Tick>
    public let values: Span<UInt64>

    @_lifetime(copy ticks, copy values)
    init(epoch: UInt32, ticks: Span<Tick>, values: Span<UInt64>) {
        self.epoch = epoch
        self.ticks = ticks
        self.values = values
    }

    public var count: Int { values.count }

    public func moment(_ index: Int) -> RingMoment { RingMoment(epoch: epoch, tick: ticks[index]) }
}
