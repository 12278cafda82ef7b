/// A family of metrics that vexport did not make: a text file's or a plugin's, as it goes on the page.
public struct ForeignFamily: Equatable, Sendable {
    public enum Kind: String, Sendable {
        case counter, gauge, histogram, summary, untyped
    }

    public let name: String
    public internal(set) var kind: Kind
    /// Without control characters. nil where the source has none.
    public internal(set) var help: String?
    public internal(set) var samples: [ForeignSample]

    init(name: String) {
        self.name = name
        kind = .untyped
        samples = []
    }

    /// The same, with a help if it has none.
    public func withHelp(_ help: @autoclosure () -> String) -> ForeignFamily {
        guard self.help == nil else { return self }
        var family = self
        family.help = help()
        return family
    }

    /// What the samples of a family of this kind may be called, beside the family's name.
    static func suffixes(_ kind: Kind) -> [String] {
        switch kind {
        case .histogram: ["_bucket", "_sum", "_count"]
        case .summary: ["_sum", "_count"]
        case .counter, .gauge, .untyped: []
        }
    }

    /// All names that nobody else may have on the same page, in whichever format.
    var claims: [String] {
        if kind == .counter { return Metric.counterClaims(name) }
        return [name] + Self.suffixes(kind).map { name + $0 }
    }
}

/// A sample of a foreign family.
public struct ForeignSample: Equatable, Sendable {
    /// What comes after the family's name: empty, `_bucket`, `_sum` or `_count`.
    let suffix: String
    /// Sorted by name, without empty values.
    public let labels: [Label]
    public let value: Double
    /// The line up to the value, in both formats. Two samples of one series have the same.
    let series: [UInt8]

    init(family: String, suffix: String, labels: [Label], value: Double) {
        self.suffix = suffix
        self.labels = labels
        self.value = value
        series = Array(family.utf8) + suffix.utf8 + TextFormat.block(labels)
    }
}

extension Metric {
    /// All names that nobody else may have on the same page, in whichever format: OpenMetrics names the family of a
    /// counter or info without its suffix, and keeps `_created` for counters.
    public var claims: [String] {
        switch kind {
        case .counter: Self.counterClaims(name)
        case .info: [name, family]
        case .gauge: [name]
        }
    }

    static func counterClaims(_ name: String) -> [String] {
        guard name.hasSuffix("_total") else { return [name] }
        let family = String(name.dropLast("_total".count))
        return [name, family, family + "_created"]
    }
}
