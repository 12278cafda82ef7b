/// One metric of links: a row of `LinkMetrics.all`.
public struct LinkMetric: Sendable {
    /// Where a link's value comes from. nil: this link has none, and no series.
    enum Reading: Sendable {
        /// One counter, or the sum of it and others.
        case counter(LinkCounter, plus: [LinkCounter] = [])
        /// Takes the record and not the link: a struct of strings would be copied, reference by reference.
        case state(@Sendable (LinkRecord) -> Double?)
        /// The labels beside `device` and `netns`, without the empty ones; nil for no series at all.
        case info(@Sendable (borrowing LinkRecord.Context) -> [Label]?)
    }

    public let metric: Metric
    /// Left out under `--links.detail=basic`, but for physical links.
    public let isDetail: Bool
    let reading: Reading
    /// What a link must be for the row to have a value, so that a scrape passes over all others at once.
    private(set) var needs: LinkTraits = []

    func of(_ traits: LinkTraits) -> LinkMetric {
        var row = self
        row.needs = traits
        return row
    }

    static func counter(
        _ name: String, _ counter: LinkCounter, _ help: String, source: String, detail: Bool = false
    ) -> LinkMetric {
        LinkMetric(
            metric: Metric(.counter, name, help, source: "IFLA_STATS_LINK_64 " + source), isDetail: detail,
            reading: .counter(counter))
    }

    static func gauge(
        _ name: String, _ help: String, source: String, detail: Bool = false,
        _ value: @escaping @Sendable (LinkRecord) -> Double?
    ) -> LinkMetric {
        LinkMetric(metric: Metric(.gauge, name, help, source: source), isDetail: detail, reading: .state(value))
    }

    /// A counter that comes with the link's description and not with a tick.
    static func stateCounter(
        _ name: String, _ help: String, source: String, _ value: @escaping @Sendable (LinkRecord) -> Double?
    ) -> LinkMetric {
        LinkMetric(metric: Metric(.counter, name, help, source: source), isDetail: false, reading: .state(value))
    }

    static func info(
        _ name: String, _ help: String, source: String, labels names: [String],
        _ labels: @escaping @Sendable (borrowing LinkRecord.Context) -> [Label]?
    ) -> LinkMetric {
        LinkMetric(
            metric: Metric(.info, name, help, source: source, labels: names), isDetail: false,
            reading: .info { link in labels(link).map { $0 + link.enrichment } })
    }
}

/// What a link is beside being a link.
struct LinkTraits: OptionSet, Sendable {
    let rawValue: UInt8

    static let veth = LinkTraits(rawValue: 1)
    static let tun = LinkTraits(rawValue: 2)
    static let bridge = LinkTraits(rawValue: 4)
    static let bridgePort = LinkTraits(rawValue: 8)
    /// In vexport's own namespace.
    static let own = LinkTraits(rawValue: 16)
    /// It counts for somebody at its far end. Counters that need it carry the workload's labels.
    static let workload = LinkTraits(rawValue: 32)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ record: LinkRecord) {
        let (link, state) = (record.link, record.link.state)
        self = link.place.namespace == .own ? .own : []
        if state.kind == .veth { insert(.veth) }
        if state.tun != nil { insert(.tun) }
        if state.bridge != nil { insert(.bridge) }
        if state.bridgePort != nil { insert(.bridgePort) }
        if record.workloadBlock != nil { insert(.workload) }
    }
}

/// A label of a series.
public struct Label: Equatable, Sendable {
    public var name: String
    /// Text without control characters, see `EscapedText`; quotes and backslashes are escaped when it is rendered.
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Labels of which no two have a name, by that.
    static func texts(_ labels: [Label]) -> [String: EscapedText] {
        Dictionary(labels.map { ($0.name, EscapedText(escaped: $0.value)) }) { first, _ in first }
    }

    /// nil for a value that is not known: an empty label is no label.
    init?(_ name: String, _ value: (some CustomStringConvertible)?) {
        guard let value else { return nil }
        self.init(name, value.description)
    }
}
