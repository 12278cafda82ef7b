/// A bound on a metric of links.
public struct Threshold: Equatable, Sendable {
    public enum Reading: Equatable, Sendable {
        /// What it is.
        case value
        /// What it was on average over the window.
        case average(window: Duration)
        /// What it grew by per second, on average over the window.
        case rate(window: Duration)
    }

    public enum Bound: Equatable, Sendable {
        case above(Double)
        case below(Double)

        func isCrossed(by value: Double) -> Bool {
            switch self {
            case .above(let bound): value > bound
            case .below(let bound): value < bound
            }
        }
    }

    /// The metric's name, one of `metrics`.
    public var metric: String
    public var reading: Reading
    public var bound: Bound
    /// The links that it is about.
    public var links: LinkPattern?

    public init(_ metric: String, _ reading: Reading, _ bound: Bound, links: LinkPattern? = nil) {
        self.metric = metric
        self.reading = reading
        self.bound = bound
        self.links = links
    }

    /// How far back it looks; nil for what is now.
    public var window: Duration? {
        switch reading {
        case .value: nil
        case .average(let window), .rate(let window): window
        }
    }

    /// The metrics that there can be thresholds on: those of links that have a number for each.
    public static let metrics = LinkMetrics.all.filter { $0.metric.kind != .info }.map(\.metric.name)

    /// Those that only grow, so that rates make sense and averages do not.
    public static let counters = LinkMetrics.all.filter { $0.metric.kind == .counter }.map(\.metric.name)
}
