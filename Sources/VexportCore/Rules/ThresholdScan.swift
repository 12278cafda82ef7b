/// Finds the links beyond the bounds of threshold rules, tick by tick.
public struct ThresholdScan: Sendable {
    fileprivate struct Watch: Sendable {
        let rule: String
        let threshold: Threshold
        let reading: LinkMetric.Reading
    }

    private let watches: [Watch]
    /// What the values of the links were last read from: most of them change only with the inventory.
    private var lastLinks: FrameLinks?

    public init(rules: [Rule]) {
        watches = rules.compactMap { rule in
            guard case .threshold(let threshold) = rule.condition,
                let row = LinkMetrics.all.first(where: { $0.metric.name == threshold.metric })
            else { return nil }
            return Watch(rule: rule.name, threshold: threshold, reading: row.reading)
        }
    }

    /// - Returns: the links beyond each rule's bound. A rule that is missing has not changed.
    public mutating func scan(
        _ frame: TickFrame, history: any ThresholdHistory, directory: (FrameLinks) -> LinkDirectory
    ) -> [String: [AlertCondition]] {
        var result: [String: [AlertCondition]] = [:]
        let linksChanged = lastLinks !== frame.links
        lastLinks = frame.links
        for watch in watches {
            if case .state = watch.reading, !linksChanged { continue }
            var conditions: [AlertCondition] = []
            for slot in 0..<frame.links.slotCount {
                guard let value = watch.value(frame, slot, history), watch.threshold.bound.isCrossed(by: value),
                    let record = frame.links[slot],
                    watch.threshold.links?.matches(record.link.state, record.namespace) ?? true
                else { continue }
                conditions.append(directory(frame.links).condition(for: record, value: value))
            }
            result[watch.rule] = conditions
        }
        return result
    }
}

extension ThresholdScan.Watch {
    fileprivate func value(_ frame: TickFrame, _ slot: Int, _ history: any ThresholdHistory) -> Double? {
        switch (reading, threshold.reading) {
        case (.counter(let counter, let others), .value):
            guard let value = frame.counter(counter, slot: slot) else { return nil }
            return Double(others.reduce(value) { $0 &+ (frame.counter($1, slot: slot) ?? 0) })
        case (.counter(let counter, let others), .rate(let window)):
            guard let rate = history.rate(counter, slot: slot, window: window, endingWith: frame) else { return nil }
            return others.reduce(rate) {
                $0 + (history.rate($1, slot: slot, window: window, endingWith: frame) ?? 0)
            }
        case (.state(let value), .value): return frame.links[slot].flatMap { value($0) }
        case (.state, .rate), (.info, _): return nil
        }
    }
}
