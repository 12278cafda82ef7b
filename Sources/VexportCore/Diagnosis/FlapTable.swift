/// The flaps of all links, told by their carrier counters: messages are merged, counters are right.
struct FlapTable: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Baseline: Sendable {
        var birth: UInt64
        var downs: UInt32
    }

    private(set) var damping: FlapDamping
    /// By slot.
    private var baselines: [Baseline?] = []
    /// Of links that flapped, by slot.
    private(set) var flaps: [Int: LinkFlaps] = [:]
    /// When the first link may be calm again.
    private(set) var nextCalm: Instant?

    init(_ damping: FlapDamping) {
        self.damping = damping
    }

    /// Takes in what a slot holds now. The step down to a link that somebody took down, or whose peer somebody did, is no
    /// flap, nor is what was before a link was first seen.
    ///
    /// - Parameter peer: a veth's other end.
    /// - Returns: whether what is known of flaps changed.
    mutating func update(_ slot: Int, _ link: Link?, peer: Link?, at now: Instant) -> Bool {
        while baselines.count <= slot { baselines.append(nil) }
        guard let link, let downs = link.state.carrier.downs else {
            baselines[slot] = nil
            return flaps.removeValue(forKey: slot) != nil
        }
        guard let known = baselines[slot], known.birth == link.identity.birth else {
            baselines[slot] = Baseline(birth: link.identity.birth, downs: downs)
            return flaps.removeValue(forKey: slot) != nil
        }
        let steps = downs &- known.downs
        guard steps > 0 else { return false }
        baselines[slot]!.downs = downs
        let isUp = link.state.flags.contains(.up) && peer?.state.flags.contains(.up) != false
        let count = isUp ? steps : steps - 1
        guard count > 0 else { return false }
        flaps[slot, default: LinkFlaps(at: now)].add(count, at: now, damping)
        if let calm = flaps[slot]!.calmAt(damping) { nextCalm = min(nextCalm ?? calm, calm) }
        return true
    }

    /// Goes on under other settings.
    ///
    /// - Returns: the slots whose link may flap, or be calm, by these.
    mutating func setDamping(_ new: FlapDamping, at now: Instant) -> [Int] {
        nextCalm = nil
        for slot in flaps.keys {
            flaps[slot]!.change(from: damping, to: new, at: now)
            if let calm = flaps[slot]!.calmAt(new) { nextCalm = min(nextCalm ?? calm, calm) }
        }
        damping = new
        return Array(flaps.keys)
    }

    /// Lets time pass.
    ///
    /// - Returns: the slots whose link is calm again.
    mutating func settle(at now: Instant) -> [Int] {
        guard let due = nextCalm, due <= now else { return [] }
        var calm: [Int] = []
        nextCalm = nil
        for slot in flaps.keys {
            guard flaps[slot]!.isSuppressed else { continue }
            flaps[slot]!.settle(at: now, damping)
            if let later = flaps[slot]!.calmAt(damping) {
                nextCalm = min(nextCalm ?? later, later)
            } else {
                calm.append(slot)
            }
        }
        return calm
    }
}
