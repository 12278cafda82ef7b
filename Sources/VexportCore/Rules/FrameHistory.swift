/// Remembers a few ticks for each window that a rule asks about: enough for averages, at a tick's memory each. What was
/// before them, it asks the history of links.
public struct FrameHistory: Sendable {
    /// Ticks kept for one window, about.
    private static let kept = 8
    /// How old, in windows, what a window begins with may be. Ticks come a little early or late.
    private static let ages = 0.9...1.25

    /// By window, the oldest first.
    private var frames: [Duration: [TickFrame]] = [:]
    /// By window, what rates are of.
    private var counters: [Duration: Set<LinkCounter>] = [:]
    /// By window that is not remembered yet.
    private var recalled: [Duration: Recalled] = [:]

    /// What the history told of a window's start.
    private struct Recalled {
        let start: TickFrame
        /// When it was asked first, and when last.
        let since: ContinuousClock.Instant
        let at: ContinuousClock.Instant

        /// How long to go on with it. Shorter at first: links of other namespaces are found one after the other.
        func isEnough(for window: Duration, at now: ContinuousClock.Instant) -> Bool {
            now - at < min(window / FrameHistory.kept, at - since + .seconds(5))
        }
    }

    /// - Parameter rules: whose windows are remembered.
    public init(rules: [Rule]) {
        setRules(rules)
    }

    /// Takes other rules. Windows that stay keep what they remember.
    public mutating func setRules(_ rules: [Rule]) {
        let thresholds = rules.compactMap {
            if case .threshold(let threshold) = $0.condition { threshold } else { nil }
        }
        let windows = Set(thresholds.compactMap(\.window))
        frames = Dictionary(uniqueKeysWithValues: windows.map { ($0, frames[$0] ?? []) })
        (counters, recalled) = ([:], [:])
        for threshold in thresholds {
            guard case .rate(let window) = threshold.reading,
                case .counter(let counter, let others) = LinkMetrics.reading(of: threshold.metric)
            else { continue }
            counters[window, default: []].formUnion([counter] + others)
        }
    }

    /// Asks the history of links for what is not remembered. Call it before the rules look at a tick.
    mutating func recall(from links: LinkHistory, before frame: TickFrame) {
        let now = frame.moment.instant
        for (window, counters) in counters {
            guard self.window(window, endingWith: frame) == nil else {
                recalled[window] = nil
                continue
            }
            let known = recalled[window]
            if let known, known.isEnough(for: window, at: now) { continue }
            let ages = window * Self.ages.lowerBound...window * Self.ages.upperBound
            recalled[window] = Recalled(
                start: links.recall(counters, of: frame, aged: ages), since: known?.since ?? now, at: now)
        }
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
            // The newest that is old enough.
            let first = remembered.lastIndex(where: {
                frame.moment.instant - $0.moment.instant >= length * Self.ages.lowerBound
            })
        else { return nil }
        return FrameWindow(
            start: remembered[first], end: frame, links: remembered[first...].map(\.links) + [frame.links])
    }

    /// The same for counters, of which the history of links may tell more.
    ///
    /// - Returns: nil while neither has been looking for so long.
    func counterWindow(_ length: Duration, endingWith frame: TickFrame) -> FrameWindow? {
        window(length, endingWith: frame)
            ?? recalled[length].map { FrameWindow(start: $0.start, end: frame, links: []) }
    }
}
