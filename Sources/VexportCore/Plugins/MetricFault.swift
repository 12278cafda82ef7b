/// Why something that a plugin said is not on the page: the reasons of `vexport_plugin_dropped_total`.
public enum MetricFault: String, CaseIterable, Sendable {
    /// Text that can't be read. All of it is refused, since nobody knows where the mistake ends.
    case syntax
    /// A sample with a time of its own: it would hide when the series ends.
    case timestamp
    /// A name that vexport itself has, or another plugin with another type.
    case clash
    /// A label that is not allowed, or a label too many.
    case label
    /// A series that is there already.
    case duplicate
    /// A value that the type can't have.
    case value
    /// Series beyond the plugin's limit.
    case budget
    /// Labels for a link that it was not asked about.
    case unknownLink = "unknown_link"
}

/// Something that was refused: what, where and why.
public struct MetricProblem: Error, Equatable, Sendable, CustomStringConvertible {
    public let fault: MetricFault
    /// Where and what, without control characters.
    public let description: String

    init(_ fault: MetricFault, _ description: String) {
        self.fault = fault
        self.description = description
    }
}

/// What was left out of metrics, by reason, with the first example.
public struct MetricLosses: Equatable, Sendable {
    public private(set) var counts: [MetricFault: Int] = [:]
    public private(set) var example: MetricProblem?

    public init() {}

    public var isEmpty: Bool { counts.isEmpty }

    /// Adds something that was left out.
    public mutating func add(_ fault: MetricFault, _ description: String) {
        add(MetricProblem(fault, description), fault)
    }

    mutating func add(_ problem: @autoclosure () -> MetricProblem, _ fault: MetricFault) {
        counts[fault, default: 0] += 1
        if example == nil { example = problem() }
    }

    /// Adds those of another.
    public mutating func add(_ other: MetricLosses) {
        counts.merge(other.counts, uniquingKeysWith: +)
        example = example ?? other.example
    }

    /// All of an output was refused.
    public init(_ problem: MetricProblem) {
        counts = [problem.fault: 1]
        example = problem
    }
}
