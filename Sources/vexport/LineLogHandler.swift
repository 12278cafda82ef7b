import ArgumentParser
import Logging
import VexportCore

enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case logfmt, json
}

/// Writes one line per message to standard error, in logfmt or JSON, as Prometheus' programs do.
///
/// Whatever a message holds, a line stays a line and no control byte reaches the terminal. However often something
/// happens, the log is not flooded, but for debug and trace, which were asked for.
struct LineLogHandler: LogHandler {
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let limiter = SharedLogLimiter()

    init(format: LogFormat, level: Logger.Level) {
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var leftOut = 0
        if (Logger.Level.info...Logger.Level.error).contains(event.level) {
            guard let count = limiter.admit(.init(file: event.file, line: event.line)) else { return }
            leftOut = count
        }
        var fields = [("ts", "\(Timestamp.now)"), ("level", event.level.rawValue), ("msg", event.message.description)]
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        fields += all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
        if leftOut > 0 { fields.append(("left_out", "\(leftOut)")) }
        StandardError.write(Self.line(fields, format) + "\n")
    }

    /// The line without its end.
    static func line(_ fields: [(key: String, value: String)], _ format: LogFormat) -> String {
        switch format {
        case .json: "{" + fields.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",") + "}"
        case .logfmt:
            fields.map { field in
                let plain =
                    !field.value.isEmpty
                    && field.value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"=\"\\".utf8.contains($0) }
                return "\(field.key)=\(plain ? field.value : quoted(field.value))"
            }.joined(separator: " ")
        }
    }

    private static func quoted(_ text: String) -> String {
        // Text that came through EscapedText holds backslashes of its own; they are doubled once more, as JSON demands.
        let safe = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": return "\\\""
            case "\\": return "\\\\"
            case "\n": return "\\n"
            case "\t": return "\\t"
            default:
                guard scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) else { return String(scalar) }
                let hex = String(scalar.value, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            }
        }
        return "\"\(safe.joined())\""
    }
}
