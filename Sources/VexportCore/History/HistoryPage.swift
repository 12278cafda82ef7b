/// A page of the history, as `/api/v1/history` gives it. docs/history.md is its contract.
public struct HistoryPage: Codable, Sendable {
    public var series: [HistorySeries]
    /// What `after` is for the next page; nil on the last one.
    public var next: String?
}

/// What tells links from each other at one time, as the labels of metrics do.
public struct HistoryLabels: Codable, Hashable, Sendable {
    public var device: EscapedText
    /// nil for vexport's own namespace.
    public var netns: EscapedText?

    public init(device: EscapedText, netns: EscapedText?) {
        self.device = device
        self.netns = netns
    }
}

/// One counter of one link over a while. The three lists are as long as each other.
public struct HistorySeries: Sendable {
    public var labels: HistoryLabels
    public var kind: EscapedText
    public var metric: LinkCounter
    /// When it was first seen.
    public var born: Timestamp
    /// When it was gone; nil while it lives.
    public var died: Timestamp?
    /// Oldest first; after the wall clock was set back, not in order.
    public private(set) var times: [Timestamp] = []
    public private(set) var values: [UInt64] = []
    /// What the counter grew by per second since the value before; nil for the first one, after a reset and after a
    /// reboot.
    public private(set) var rates: [Double?] = []

    init(labels: HistoryLabels, kind: EscapedText, metric: LinkCounter, born: Int64, died: Int64?) {
        self.labels = labels
        self.kind = kind
        self.metric = metric
        self.born = Timestamp(nanoseconds: born)
        self.died = died.map(Timestamp.init(nanoseconds:))
    }

    mutating func append(_ time: Timestamp, _ value: UInt64, _ rate: Double?) {
        times.append(time)
        values.append(value)
        rates.append(rate)
    }
}

extension HistorySeries: Codable {
    private enum CodingKeys: String, CodingKey {
        case device, netns, kind, metric, times, values, rates
        case born = "born_seconds"
        case died = "died_seconds"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func damaged(_ key: CodingKeys, _ text: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: text)
        }
        func time(_ seconds: Double, _ key: CodingKeys) throws -> Timestamp {
            if let time = Timestamp(millisecondSeconds: seconds) { return time }
            throw damaged(key, "\(seconds) is no time")
        }
        labels = HistoryLabels(
            device: try container.decode(EscapedText.self, forKey: .device),
            netns: try container.decodeIfPresent(EscapedText.self, forKey: .netns))
        kind = try container.decode(EscapedText.self, forKey: .kind)
        guard let metric = LinkCounter(metric: try container.decode(String.self, forKey: .metric)) else {
            throw damaged(.metric, "a metric that is not known here")
        }
        self.metric = metric
        born = try time(try container.decode(Double.self, forKey: .born), .born)
        died = try container.decodeIfPresent(Double.self, forKey: .died).map { try time($0, .died) }
        times = try container.decode([Double].self, forKey: .times).map { try time($0, .times) }
        values = try container.decode([UInt64].self, forKey: .values)
        rates = try container.decode([Double?].self, forKey: .rates)
        guard times.count == values.count, times.count == rates.count else {
            throw damaged(.times, "lists that are not as long as each other")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(labels.device, forKey: .device)
        try container.encodeIfPresent(labels.netns, forKey: .netns)
        try container.encode(kind, forKey: .kind)
        try container.encode(metric.label, forKey: .metric)
        try container.encode(born.millisecondSeconds, forKey: .born)
        try container.encodeIfPresent(died?.millisecondSeconds, forKey: .died)
        try container.encode(times.map(\.millisecondSeconds), forKey: .times)
        try container.encode(values, forKey: .values)
        try container.encode(rates, forKey: .rates)
    }
}

extension Timestamp {
    /// Milliseconds since 1970, rounded down.
    var milliseconds: Int64 { nanoseconds / 1_000_000 - (nanoseconds % 1_000_000 < 0 ? 1 : 0) }

    /// The millisecond nearest to so many seconds since 1970; nil where there are no times.
    init?(millisecondSeconds seconds: Double) {
        guard let time = Timestamp(seconds: seconds) else { return nil }
        let rounded = Timestamp(nanoseconds: time.nanoseconds + 500_000)
        self.init(nanoseconds: rounded.milliseconds * 1_000_000)
    }

    /// Seconds since 1970, to the millisecond.
    var millisecondSeconds: Double { Double(milliseconds) / 1e3 }
}
