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
