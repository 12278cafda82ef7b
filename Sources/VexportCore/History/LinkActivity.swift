/// What passed over a link in a while: on average, and how it went.
public struct LinkActivity: Sendable {
    /// How many parts the while has.
    public static let partCount = 12

    private let start: Timestamp
    private let length: Double
    private var receive = Total()
    private var transmit = Total()
    private var parts = [Part](repeating: Part(), count: partCount)

    private struct Total {
        var bytes = 0.0
        var seconds = 0.0
        var mean: Double? { seconds > 0 ? bytes / seconds : nil }

        mutating func add(_ rate: Double, _ seconds: Double) {
            bytes += rate * seconds
            self.seconds += seconds
        }
    }

    private struct Part {
        var receive = Total()
        var transmit = Total()
    }

    init(from start: Timestamp, to end: Timestamp) {
        self.start = start
        length = max(end.seconds - start.seconds, 1e-3)
    }

    /// Bytes per second on average over the time that is known; nil when none is.
    public var meanReceive: Double? { receive.mean }
    public var meanTransmit: Double? { transmit.mean }

    /// By part, oldest first, bytes per second in both directions together; nil where nothing is known.
    public var course: [Double?] {
        parts.map { part in
            part.receive.mean == nil && part.transmit.mean == nil
                ? nil : (part.receive.mean ?? 0) + (part.transmit.mean ?? 0)
        }
    }

    /// Takes in what grew; counters of anything but bytes do not count.
    mutating func add(_ series: HistorySeries) {
        for index in series.rates.indices.dropFirst() {
            guard let rate = series.rates[index] else { continue }
            let (from, to) = (offset(series.times[index - 1]), offset(series.times[index]))
            // A wall clock that was set back has time go by twice.
            guard from < to else { continue }
            switch series.metric {
            case .receiveBytes: receive.add(rate, to - from)
            case .transmitBytes: transmit.add(rate, to - from)
            default: continue
            }
            spread(rate, from, to, isReceived: series.metric == .receiveBytes)
        }
    }

    private func offset(_ time: Timestamp) -> Double { min(max(time.seconds - start.seconds, 0), length) }

    /// Shares a stretch out among the parts that it touches.
    private mutating func spread(_ rate: Double, _ from: Double, _ to: Double, isReceived: Bool) {
        let width = length / Double(Self.partCount)
        var number = min(Int(from / width), Self.partCount - 1)
        var begin = from
        while begin < to, number < Self.partCount {
            let end = number == Self.partCount - 1 ? to : min(to, Double(number + 1) * width)
            if isReceived {
                parts[number].receive.add(rate, end - begin)
            } else {
                parts[number].transmit.add(rate, end - begin)
            }
            (begin, number) = (end, number + 1)
        }
    }
}

/// What passed over all links in a while, by what they are called.
public struct LinkActivities: Sendable {
    public let start: Timestamp
    public let end: Timestamp
    /// The while in words, such as `10m`.
    public let title: String
    private var links: [HistoryLabels: LinkActivity] = [:]

    public init(from start: Timestamp, to end: Timestamp, title: String) {
        self.start = start
        self.end = end
        self.title = title
    }

    public subscript(labels: HistoryLabels) -> LinkActivity? { links[labels] }

    /// What to read of the history for it.
    public var query: HistoryQuery {
        var query = HistoryQuery(from: start, to: end)
        // Two for each part, so that what a step loses of the first one is half of it at most.
        let step = (end.seconds - start.seconds) / Double(2 * LinkActivity.partCount)
        if step > 1 { query.step = .milliseconds(Int(step * 1000)) }
        return query
    }

    public mutating func add(_ page: HistoryPage) {
        for series in page.series {
            links[series.labels, default: LinkActivity(from: start, to: end)].add(series)
        }
    }
}

/// A row of small bars, the highest of which is the largest value.
enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")
    private static let asciiBars = Array("_.-:=+*#")

    /// A character for each value: a space for none, the lowest bar for 0.
    static func text(_ values: [Double?], hasUnicode: Bool) -> String {
        let bars = hasUnicode ? bars : asciiBars
        let largest = values.lazy.compactMap(\.self).max() ?? 0
        return String(
            values.map { value in
                guard let value else { return " " }
                guard value > 0, largest > 0 else { return bars[0] }
                // What is more than nothing looks like more than nothing.
                return bars[min(max(Int((value / largest * Double(bars.count - 1)).rounded()), 1), bars.count - 1)]
            })
    }
}
