/// What a metric is, apart from its values: one row of the catalogue.
public struct Metric: Sendable {
    public enum Kind: String, Sendable {
        case counter, gauge
        /// Always 1; the labels are the message.
        case info
    }

    public var name: String
    public var kind: Kind
    /// One sentence, with unit and values where the name does not say them.
    public var help: String
    /// The kernel attribute, file or module that the value comes from.
    public var source: String
    /// The labels that a series may have; links' metrics have `device` and `netns` before them.
    public var labels: [String]

    /// The name without the suffix that tells the kind: what OpenMetrics calls the family.
    var family: String {
        switch kind {
        case .counter: name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
        case .info: name.hasSuffix("_info") ? String(name.dropLast("_info".count)) : name
        case .gauge: name
        }
    }

    /// The base unit, which by convention the family's name ends in; nil for a number of things.
    var unit: String? { ["bytes", "seconds"].first { family.hasSuffix("_" + $0) } }

    public init(_ kind: Kind, _ name: String, _ help: String, source: String, labels: [String] = []) {
        self.kind = kind
        self.name = name
        self.help = help
        self.source = source
        self.labels = labels
    }
}
