/// Finds the links beyond the bounds of threshold rules, tick by tick.
public struct ThresholdScan: Sendable {
    private struct Watch: Sendable {
        let rule: String
        let threshold: Threshold
        let reading: LinkMetric.Reading
        /// The links that were looked at when nothing moved any more: as long as that lasts, nothing new is to be found.
        var stillLinks: FrameLinks?
    }

    private var watches: [Watch]
    private var last: TickFrame?

    public init(rules: [Rule]) {
        watches = rules.compactMap { rule in
            guard case .threshold(let threshold) = rule.condition,
                let reading = LinkMetrics.reading(of: threshold.metric)
            else { return nil }
            return Watch(rule: rule.name, threshold: threshold, reading: reading)
        }
    }

    /// - Returns: the links beyond each rule's bound. A rule that is missing has not changed, or its window is not full.
    public mutating func scan(
        _ frame: TickFrame, history: FrameHistory, directory: LinkDirectory
    ) -> [String: [AlertCondition]] {
        defer { last = frame }
        var result: [String: [AlertCondition]] = [:]
        for position in watches.indices {
            guard let reader = reader(watches[position], frame, history) else { continue }
            if reader.isStill, watches[position].stillLinks === frame.links { continue }
            watches[position].stillLinks = reader.isStill ? frame.links : nil
            let threshold = watches[position].threshold
            var conditions: [AlertCondition] = []
            for (slot, value) in reader.values().enumerated() {
                guard let value, threshold.bound.isCrossed(by: value), let record = frame.links[slot],
                    threshold.concerns(record)
                else { continue }
                conditions.append(directory.condition(for: record, value: value))
            }
            result[watches[position].rule] = conditions
        }
        return result
    }

    /// Looks at a rule's links.
    ///
    /// - Returns: says of a link whether it is beyond the bound, nil where there is no telling yet.
    public func look(
        _ rule: String, in frame: TickFrame, history: FrameHistory
    ) -> (LinkRecord) -> Bool? {
        guard let watch = watches.first(where: { $0.rule == rule }), let reader = reader(watch, frame, history) else {
            return { _ in nil }
        }
        let values = reader.values()
        return { record in
            guard values.indices.contains(record.link.slot), let value = values[record.link.slot] else { return nil }
            return watch.threshold.bound.isCrossed(by: value) && watch.threshold.concerns(record)
        }
    }

    private func reader(_ watch: Watch, _ frame: TickFrame, _ history: FrameHistory) -> ThresholdReader? {
        ThresholdReader(watch.reading, watch.threshold.reading, frame, last, history)
    }
}

extension Threshold {
    fileprivate func concerns(_ record: LinkRecord) -> Bool {
        links?.matches(record.link.state, record.namespace) ?? true
    }
}

/// Reads what a threshold is about, of all links at once.
private enum ThresholdReader {
    case counters([LinkCounter], TickFrame, isStill: Bool)
    case state(@Sendable (LinkRecord) -> Double?, FrameLinks)
    case rate([LinkCounter], FrameWindow)
    case stateRate(@Sendable (LinkRecord) -> Double?, FrameWindow)
    case average(@Sendable (LinkRecord) -> Double?, FrameWindow)

    /// - Parameter last: the tick that was looked at before.
    init?(
        _ metric: LinkMetric.Reading, _ reading: Threshold.Reading, _ frame: TickFrame, _ last: TickFrame?,
        _ history: FrameHistory
    ) {
        switch (metric, reading) {
        case (.counter(let counter, let others), .value):
            let counters = [counter] + others
            let isStill = last.map { FrameWindow(start: $0, end: frame, links: []).isStill(counters) }
            self = .counters(counters, frame, isStill: isStill ?? false)
        case (.state(let value), .value): self = .state(value, frame.links)
        case (.counter(let counter, let others), .rate(let window)):
            guard let window = history.counterWindow(window, endingWith: frame) else { return nil }
            self = .rate([counter] + others, window)
        case (.state(let value), .rate(let window)):
            guard let window = history.window(window, endingWith: frame) else { return nil }
            self = .stateRate(value, window)
        case (.state(let value), .average(let window)):
            guard let window = history.window(window, endingWith: frame) else { return nil }
            self = .average(value, window)
        case (.counter, .average), (.info, _): return nil
        }
    }

    /// Whether all values are what they were when the links were the same and this was true before.
    var isStill: Bool {
        switch self {
        case .counters(_, _, let isStill): isStill
        case .state: true
        case .rate(let counters, let window): window.isStill(counters)
        case .stateRate(_, let window), .average(_, let window): window.isStill([])
        }
    }

    /// By slot; nil where there is no telling.
    func values() -> [Double?] {
        switch self {
        case .counters(let counters, let frame, isStill: _):
            return frame.counters.sums(counters).map { $0.map(Double.init) }
        case .state(let value, let links): return links.records.map { $0.flatMap(value) }
        case .rate(let counters, let window): return window.rates(counters)
        case .stateRate(let value, let window): return window.rates(value)
        case .average(let value, let window): return window.averages(value)
        }
    }
}
