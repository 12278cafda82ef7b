import Glibc

/// How flaps of a carrier add up, fade, and are held back: the scheme of BGP route flap damping (RFC 2439).
public struct FlapDamping: Equatable, Sendable {
    /// Added by a flap.
    public var penalty: Int = 1000
    /// In which the penalty halves.
    public var halfLife: Duration = .seconds(60)
    /// A link flaps from this penalty on.
    public var suppress: Int = 2000
    /// Below it the link is calm again.
    public var reuse: Int = 750
    /// The penalty grows to this many times `suppress`, so that no storm is remembered for ever.
    public var cap: Int = 4

    public init() {}

    /// No penalty is higher.
    var highest: Double { Double(cap) * Double(suppress) }

    /// How long a penalty takes to fade below `reuse`.
    func fading(from value: Double) -> Duration {
        guard value >= Double(reuse) else { return .zero }
        // A millisecond more, so that it is below and not at it.
        return halfLife * log2(value / Double(reuse)) + .milliseconds(1)
    }

    /// What is left of a penalty.
    func faded(_ value: Double, after time: Duration) -> Double {
        value * exp2(-max(time.seconds, 0) / halfLife.seconds)
    }
}

/// The flaps of one link. Time is a parameter.
public struct LinkFlaps: Equatable, Sendable {
    public typealias Instant = ContinuousClock.Instant

    /// Flaps since the link was first seen.
    public private(set) var raw: UInt64 = 0
    /// Those of them that came while the link was held for flapping: what damping keeps quiet.
    public private(set) var damped: UInt64 = 0
    public private(set) var isSuppressed = false
    private var value = 0.0
    private var at: Instant

    init(at: Instant) {
        self.at = at
    }

    /// The penalty now.
    public func penalty(at now: Instant, _ damping: FlapDamping) -> Double { damping.faded(value, after: now - at) }

    /// Takes in flaps. The kernel merges messages, so that many may come at once.
    mutating func add(_ flaps: UInt32, at now: Instant, _ damping: FlapDamping) {
        let before = penalty(at: now, damping)
        let missing = max(1, ((Double(damping.suppress) - before) / Double(damping.penalty)).rounded(.up))
        let heard = isSuppressed ? 0 : min(flaps, UInt32(missing))
        raw += UInt64(flaps)
        damped += UInt64(flaps - heard)
        value = min(before + Double(flaps) * Double(damping.penalty), damping.highest)
        at = now
        if value >= Double(damping.suppress) { isSuppressed = true }
    }

    /// Goes on under other settings: what is left of the penalty stays, and is judged by them.
    mutating func change(from old: FlapDamping, to new: FlapDamping, at now: Instant) {
        value = min(penalty(at: now, old), new.highest)
        at = now
        if value >= Double(new.suppress) { isSuppressed = true }
        settle(at: now, new)
    }

    /// When the link is calm again, if nothing more happens; nil when it is.
    func calmAt(_ damping: FlapDamping) -> Instant? { isSuppressed ? at + damping.fading(from: value) : nil }

    /// Lets time pass.
    mutating func settle(at now: Instant, _ damping: FlapDamping) {
        if penalty(at: now, damping) < Double(damping.reuse) { isSuppressed = false }
    }
}
