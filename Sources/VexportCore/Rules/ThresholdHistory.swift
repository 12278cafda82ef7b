/// Where thresholds get what links did over a while. A longer memory of samples can answer in place of `FrameHistory`.
public protocol ThresholdHistory: Sendable {
    /// What a counter of the link in a slot grew by per second, over the window that ends with `frame`.
    ///
    /// - Returns: nil where there is no telling: the link is too young, or the window reaches too far back.
    func rate(_ counter: LinkCounter, slot: Int, window: Duration, endingWith frame: TickFrame) -> Double?
}

/// Remembers a few ticks for each window that a rule asks about: enough for averages, at a tick's memory each.
public struct FrameHistory: ThresholdHistory {
    /// Ticks kept for one window, about.
    private static let kept = 8

    /// By window, the oldest first.
    private var frames: [Duration: [TickFrame]]

    /// - Parameter rules: whose windows are remembered.
    public init(rules: [Rule]) {
        var windows: [Duration: [TickFrame]] = [:]
        for rule in rules {
            if case .threshold(let threshold) = rule.condition, case .rate(let window) = threshold.reading {
                windows[window] = []
            }
        }
        frames = windows
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

    public func rate(_ counter: LinkCounter, slot: Int, window: Duration, endingWith frame: TickFrame) -> Double? {
        // The newest that is old enough; ticks come a little early or late.
        guard let start = frames[window]?.last(where: { frame.moment.instant - $0.moment.instant >= window * 0.9 })
        else { return nil }
        return frame.rate(counter, slot: slot, since: start)
    }
}
