/// What metrics from outside must keep to, beyond the format: names that are vexport's own, labels, values, numbers.
public struct MetricRules: Equatable, Sendable {
    /// Prometheus' own clients and vexport's future have names that begin so.
    private static let ownPrefix = "vexport_"
    /// Bytes.
    private static let longestName = 200
    private static let longestValue = 1_024
    private static let mostLabels = 32

    /// Names that nobody else may have: `Metric.claims` of all metrics that the page can have.
    private let taken: Set<String>
    /// How many series may pass.
    public var budget: Int

    public init(taken: Set<String>, budget: Int) {
        self.taken = taken
        self.budget = budget
    }

    /// Leaves out what is against the rules.
    public func admit(_ families: [ForeignFamily]) -> (families: [ForeignFamily], losses: MetricLosses) {
        var losses = MetricLosses()
        var result: [ForeignFamily] = []
        var room = budget
        for var family in families {
            if let problem = problem(family) {
                for _ in family.samples { losses.add(problem, problem.fault) }
                continue
            }
            var seen: Set<[UInt8]> = []
            let (kind, samples) = (family.kind, family.samples)
            family.samples = samples.filter { sample in
                if let fault = Self.fault(sample, kind) {
                    losses.add(Self.problem(fault, sample), fault)
                } else if !seen.insert(sample.series).inserted {
                    losses.add(Self.problem(.duplicate, sample), .duplicate)
                } else if room == 0 {
                    losses.add(MetricProblem(.budget, "more than \(budget) series"), .budget)
                } else {
                    room -= 1
                    return true
                }
                return false
            }
            if !family.samples.isEmpty { result.append(family) }
        }
        return (result, losses)
    }

    private func problem(_ family: ForeignFamily) -> MetricProblem? {
        guard family.name.utf8.count <= Self.longestName else {
            return MetricProblem(.syntax, "a name of \(family.name.utf8.count) bytes")
        }
        if family.name.hasPrefix(Self.ownPrefix) || family.claims.contains(where: taken.contains) {
            return MetricProblem(.clash, "\(family.name): vexport's own name")
        }
        return nil
    }

    private static func problem(_ fault: MetricFault, _ sample: ForeignSample) -> MetricProblem {
        let series = EscapedText(escaped: String(decoding: sample.series.dropLast().prefix(200), as: UTF8.self))
        return MetricProblem(fault, "\(series): \(fault.rawValue)")
    }

    private static func fault(_ sample: ForeignSample, _ kind: ForeignFamily.Kind) -> MetricFault? {
        guard sample.labels.count <= mostLabels else { return .label }
        for label in sample.labels {
            let isReserved =
                label.name.hasPrefix("__") || (label.name == "le" && sample.suffix != "_bucket")
                || (label.name == "quantile" && (kind != .summary || !sample.suffix.isEmpty))
            guard !isReserved, label.value.utf8.count <= longestValue else { return .label }
        }
        func number(_ name: String) -> Double? {
            sample.labels.first { $0.name == name }.flatMap { MetricText.number(Array($0.value.utf8)[...]) }
        }
        let isCount = sample.value.isFinite && sample.value >= 0
        switch (kind, sample.suffix) {
        case (.counter, _), (_, "_count"): return isCount ? nil : .value
        case (_, "_bucket"): return number("le").map { $0.isNaN } == false ? (isCount ? nil : .value) : .label
        // A histogram has no sample of its own name.
        case (.histogram, ""): return .label
        case (.summary, ""): return number("quantile").map { (0...1).contains($0) } == true ? nil : .label
        default: return nil
        }
    }
}
