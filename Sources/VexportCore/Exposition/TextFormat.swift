/// The bytes of Prometheus' text format 0.0.4: label blocks, headers and numbers.
enum TextFormat {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// `{name="value",…} ` and the space before the value. Nothing but the space without labels.
    static func block(_ labels: [Label]) -> [UInt8] {
        var bytes: [UInt8] = []
        for label in labels {
            bytes.append(UInt8(ascii: bytes.isEmpty ? "{" : ","))
            bytes.append(contentsOf: label.name.utf8)
            bytes.append(UInt8(ascii: "="))
            bytes.append(UInt8(ascii: "\""))
            append(escaped: label.value, quotes: true, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: " "))
        return bytes
    }

    /// The HELP and TYPE lines. An info is a gauge here: the format knows no other.
    static func header(of metric: Metric) -> [UInt8] {
        var bytes = Array("# HELP \(metric.name) ".utf8)
        append(escaped: metric.help, quotes: false, to: &bytes)
        let type = metric.kind == .counter ? "counter" : "gauge"
        bytes.append(contentsOf: "\n# TYPE \(metric.name) \(type)\n".utf8)
        return bytes
    }

    private static func append(escaped text: String, quotes: Bool, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: [byte, byte])
            case UInt8(ascii: "\n"): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case UInt8(ascii: "\"") where quotes: bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            default: bytes.append(byte)
            }
        }
    }

    /// A float as the format spells it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return value.description
    }
}
