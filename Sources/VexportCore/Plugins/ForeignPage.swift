/// All metrics from outside as they are on the page: rendered once, when one of them changed, and copied by scrapes.
public struct ForeignPage: Sendable {
    private let text: [UInt8]
    private let openMetrics: [UInt8]

    /// A page of nothing.
    public init() {
        text = []
        openMetrics = []
    }

    /// O(samples).
    ///
    /// - Parameter families: as `ForeignFamily.join` returns them.
    public init(_ families: [ForeignFamily]) {
        text = Self.render(families)
        openMetrics = Self.renderOpenMetrics(families)
    }

    func text(_ format: ExpositionFormat) -> [UInt8] {
        switch format {
        case .text: text
        case .openMetrics: openMetrics
        }
    }

    private static func render(_ families: [ForeignFamily]) -> [UInt8] {
        var bytes: [UInt8] = []
        for family in families {
            if let help = family.help {
                bytes += "# HELP \(family.name) ".utf8 + TextFormat.escaped(help, quotes: false) + "\n".utf8
            }
            bytes += "# TYPE \(family.name) \(family.kind.rawValue)\n".utf8
            for sample in family.samples { append(sample, to: &bytes) }
        }
        return bytes
    }

    /// OpenMetrics asks more of counters, histograms and summaries than the text format does. So that a series is the same
    /// in both formats, those that don't keep to it have no type there, each name for itself.
    private static func renderOpenMetrics(_ families: [ForeignFamily]) -> [UInt8] {
        var bytes: [UInt8] = []
        for family in families {
            let isCounter = family.kind == .counter && family.name.hasSuffix("_total")
            let type = isCounter ? "counter" : family.kind == .gauge ? "gauge" : "unknown"
            for suffix in [""] + ForeignFamily.suffixes(family.kind) {
                let samples = family.samples.filter { $0.suffix == suffix }
                guard !samples.isEmpty else { continue }
                let name = isCounter ? String(family.name.dropLast("_total".count)) : family.name + suffix
                bytes += "# TYPE \(name) \(type)\n".utf8
                if let help = family.help {
                    bytes += "# HELP \(name) ".utf8 + TextFormat.escaped(help, quotes: true) + "\n".utf8
                }
                for sample in samples { append(sample, to: &bytes) }
            }
        }
        return bytes
    }

    private static func append(_ sample: ForeignSample, to bytes: inout [UInt8]) {
        bytes += sample.series
        bytes += TextFormat.number(sample.value).utf8
        bytes.append(UInt8(ascii: "\n"))
    }
}
