/// Remembers a few ticks for each window that a rule asks about: enough for averages, at a tick's memory each.
public struct FrameHistory: Sendable {
    /// Ticks kept for one window, about.
    private static let kept = 8

    /// By window, the oldest first.
    private var frames: [Duration: [TickFrame]] = [:]

    /// - Parameter rules: whose windows are remembered.
    public init(rules: [Rule]) {
        setRules(rules)
    }

    /// Takes other rules. Windows that stay keep what they remember.
    public mutating func setRules(_ rules: [Rule]) {
        let windows = rules.compactMap { rule in
            if case .threshold(let threshold) = rule.condition { threshold.window } else { nil }
        }
        frames = Dictionary(uniqueKeysWithValues: Set(windows).map { ($0, frames[$0] ?? []) })
    }

    /// Remembers a tick. Call it after the rules have looked at it.
    public mutating func add(_ frame: TickFrame) {
        for window in frames.keys {
            let now = frame.moment.instant
            // The oldest is needed until the one after it is old enough.
            while frames[window]!.count > 1, now - frames[window]![1].moment.instant >= window {
                frames[window]!.removeFirst()
            }
            if let last = frames[window]!.last, now - last.moment.instant < window / Self.kept { continue }
            frames[window]!.append(frame)
        }
    }

    /// - Returns: nil while vexport has not been looking for so long.
    func window(_ length: Duration, endingWith frame: TickFrame) -> FrameWindow? {
        guard let remembered = frames[length],
            // The newest that is old enough; ticks come a little early or late.
            let first = remembered.lastIndex(where: { frame.moment.instant - $0.moment.instant >= length * 0.9 })
        else { return nil }
        return FrameWindow(
            start: remembered[first], end: frame, links: remembered[first...].map(\.links) + [frame.links])
    }
}

/// A tick, one that was a window's length earlier, and the links of some between.
struct FrameWindow {
    let start: TickFrame
    let end: TickFrame
    /// From start to end.
    let links: [FrameLinks]

    /// Whether these counters of all links are what they were at the start; without counters, whether the links are.
    func isStill(_ counters: [LinkCounter]) -> Bool {
        start.links === end.links && end.counters.areEqual(to: start.counters, counters)
            && end.counters.isRemoteStill(counters)
    }

    /// What a sum of counters grew by per second.
    ///
    /// - Returns: nil where there is no telling, such as for a link that was not there at the start.
    func rate(_ counters: [LinkCounter], slot: Int) -> Double? {
        var sum: Double?
        for counter in counters {
            if let rate = end.rate(counter, slot: slot, since: start) { sum = (sum ?? 0) + rate }
        }
        return sum
    }

    /// The same of a counter that is a part of the link's state.
    func rate(_ value: (LinkRecord) -> Double?, slot: Int) -> Double? {
        guard let (old, new) = ends(slot) else { return nil }
        if old === new { return value(new) == nil ? nil : 0 }
        let seconds = (end.moment.instant - start.moment.instant).seconds
        guard seconds > 0, let new = value(new), let old = value(old) else { return nil }
        return (new >= old ? new - old : new) / seconds
    }

    /// What a value was on average.
    func average(_ value: (LinkRecord) -> Double?, slot: Int) -> Double? {
        guard let (old, new) = ends(slot) else { return nil }
        // A record is made anew when anything of its link changes.
        if links.allSatisfy({ $0[slot] === new }) { return value(new) }
        guard value(old) != nil else { return nil }
        let values = links.compactMap { links in
            links[slot].flatMap { $0.link.identity == new.link.identity ? value($0) : nil }
        }
        return values.reduce(0, +) / Double(values.count)
    }

    /// The link that now has a slot, as it was at the start and as it is; nil when it was not there.
    private func ends(_ slot: Int) -> (old: LinkRecord, new: LinkRecord)? {
        guard let new = end.links[slot], let old = start.links[slot] else { return nil }
        return old === new || old.link.identity == new.link.identity ? (old, new) : nil
    }
}
