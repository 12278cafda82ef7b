/// Something that has metrics of its own to show, asked at every scrape. The hook that collectors implement.
public protocol MetricSource: Sendable {
    /// Adds the present values. Must not wait for anything.
    func collect(into sink: inout SampleSink)
}

/// Takes in samples, family by family.
public struct SampleSink {
    public struct Family {
        public let metric: Metric
        public internal(set) var samples: [(labels: [Label], value: Double)]
    }

    public private(set) var families: [Family] = []
    /// Families that are rendered already.
    private(set) var pages: [ForeignPage] = []

    public init() {}

    /// Adds a sample without labels.
    public mutating func add(_ metric: Metric, _ value: Double) {
        add(metric, [], value)
    }

    /// Adds metrics from outside, whose names are none of vexport's.
    public mutating func add(_ page: ForeignPage) {
        pages.append(page)
    }

    /// Adds a sample. Samples of one metric are added one after the other.
    ///
    /// - Precondition: the metric was not added before with another metric in between: the text format forbids that.
    public mutating func add(_ metric: Metric, _ labels: [Label], _ value: Double) {
        if families.last?.metric.name == metric.name {
            families[families.count - 1].samples.append((labels, value))
        } else {
            precondition(!families.contains { $0.metric.name == metric.name }, "\(metric.name) was added in two places")
            families.append(Family(metric: metric, samples: [(labels, value)]))
        }
    }
}
