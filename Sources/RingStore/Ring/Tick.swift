/// When a tick was taken, by both clocks. One for all samples of the tick.
public struct Tick: Equatable, Hashable, Sendable {
    /// Nanoseconds since boot, suspension included (CLOCK_BOOTTIME). Orders ticks, and is what rates divide by.
    public var monotonic: UInt64
    /// Nanoseconds since 1970-01-01T00:00:00Z (CLOCK_REALTIME). For showing; may be stepped back and forth.
    public var wall: Int64

    public init(monotonic: UInt64, wall: Int64) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

/// A tick among all that a store holds, reboots included.
public struct RingMoment: Equatable, Hashable, Comparable, Sendable {
    /// Which boot: rises with each. Monotonic times of two boots have nothing to do with each other.
    public var epoch: UInt32
    public var tick: Tick

    public init(epoch: UInt32, tick: Tick) {
        self.epoch = epoch
        self.tick = tick
    }

    public static func < (left: RingMoment, right: RingMoment) -> Bool {
        (left.epoch, left.tick.monotonic) < (right.epoch, right.tick.monotonic)
    }
}

/// The ticks of a block: monotonic times as one column, what wall time is ahead of them as another.
enum TickCodec {
    static func encode(_ ticks: [Tick], into bytes: inout [UInt8]) {
        guard !ticks.isEmpty else { return }
        for column in [ticks.map(\.monotonic), ticks.map { UInt64(bitPattern: $0.wall) &- $0.monotonic }] {
            ColumnCodec.encode(first: column[0], differences: ColumnCodec.differences(column), into: &bytes)
        }
    }

    /// - Throws: also when monotonic times do not rise.
    @_lifetime(reader: copy reader)
    static func decode(_ reader: inout ByteReader, count: Int) throws(FormatError) -> [Tick] {
        guard count > 0 else { return [] }
        let monotonic = try ColumnCodec.decode(&reader, count: count)
        let ahead = try ColumnCodec.decode(&reader, count: count)
        guard zip(monotonic, monotonic.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw FormatError("ticks that do not rise")
        }
        return zip(monotonic, ahead).map { Tick(monotonic: $0, wall: Int64(bitPattern: $0 &+ $1)) }
    }
}
