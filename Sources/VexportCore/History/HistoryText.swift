/// The history as OpenMetrics with times, for `promtool tsdb create-blocks-from openmetrics`: under the names and labels
/// that a scrape has.
public struct HistoryText {
    /// One metric, and whose series it has.
    public struct Family: Sendable {
        public let counter: LinkCounter
        /// nil for all kinds of links.
        public let kind: String?
        let metric: Metric

        /// The lines before its series.
        public var header: [UInt8] { ExpositionFormat.openMetrics.header(of: metric) }
    }

    /// All of them, as `links.detail: basic` has them: some only of physical links.
    public static let families: [Family] = LinkMetrics.counters.compactMap { row in
        guard case .counter(let counter, plus: []) = row.reading else { return nil }
        return Family(counter: counter, kind: row.isDetail ? LinkKind.physical.name : nil, metric: row.metric)
    }

    /// What follows the last family.
    public static let end = ExpositionFormat.openMetrics.end

    private let name: String
    private var labels: HistoryLabels?
    private var block: [UInt8] = []
    /// Milliseconds of the last line of these labels.
    private var last = Int64.min

    public init(_ family: Family) {
        name = family.metric.name
    }

    /// A series' lines. Series of one link's name come one after the other.
    ///
    /// A time that is not after the one before, since the wall clock was set back, is left out: Prometheus would refuse it.
    public mutating func lines(_ series: HistorySeries) -> [UInt8] {
        if labels != series.labels {
            labels = series.labels
            block = TextFormat.block(
                [Label("device", series.labels.device), Label("netns", series.labels.netns)].compactMap(\.self))
            last = .min
        }
        var bytes: [UInt8] = []
        for (time, value) in zip(series.times, series.values) {
            let milliseconds = time.milliseconds
            guard milliseconds > last else { continue }
            last = milliseconds
            bytes += name.utf8
            bytes += block
            bytes += "\(value) \(Self.seconds(milliseconds))\n".utf8
        }
        return bytes
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let digits = String(rest.magnitude)
        return (milliseconds < 0 && whole == 0 ? "-" : "") + "\(whole)."
            + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
