internal import NIOHTTP1
import VexportCore

/// What a scrape asks for beside the page.
struct ScrapeWishes: Equatable {
    var format: ExpositionFormat
    /// nil when the client takes none that vexport can give.
    var coding: ContentCoding?
    /// How long the client waits for the whole answer. Source: X-Prometheus-Scrape-Timeout-Seconds.
    var timeout: Duration?

    init(_ headers: HTTPHeaders) {
        format = Self.format(accept: headers["Accept"].joined(separator: ","))
        coding = ContentCoding(acceptEncoding: headers["Accept-Encoding"].joined(separator: ","))
        timeout = headers.first(name: "X-Prometheus-Scrape-Timeout-Seconds").flatMap(Self.timeout)
    }

    /// The format that `accept` prefers: the one with the highest q, the first named of equals, and text for a client
    /// that names none of ours. A clause for a version that vexport does not speak, or that makes no sense, is passed
    /// over. Source: RFC 9110, 12.5.1.
    static func format(accept: String) -> ExpositionFormat {
        let clauses = accept.split(separator: ",").prefix(Clause.limit).compactMap { Clause($0) }
        func preference(_ format: ExpositionFormat) -> (quality: Double, place: Int)? {
            let matches = clauses.enumerated().compactMap { place, clause in
                clause.precision(for: format).map { (precision: $0, quality: clause.quality, place: place) }
            }
            // The most precise clause counts: "text/plain;q=0, */*" wants no plain text.
            let precise = matches.map(\.precision).max()
            return matches.filter { $0.precision == precise }.max {
                ($0.quality, -$0.place) < ($1.quality, -$1.place)
            }.map { ($0.quality, $0.place) }
        }
        guard let openMetrics = preference(.openMetrics), openMetrics.quality > 0 else { return .text }
        guard let text = preference(.text) else { return .openMetrics }
        return (openMetrics.quality, -openMetrics.place) > (text.quality, -text.place) ? .openMetrics : .text
    }

    private static func timeout(_ text: String) -> Duration? {
        guard let seconds = Double(text), seconds > 0, seconds <= 3600 else { return nil }
        return .seconds(seconds)
    }
}

/// One clause of an Accept or Accept-Encoding header.
struct Clause {
    /// Prometheus sends a handful.
    static let limit = 32

    /// A media range or a coding, in lower case.
    let range: String
    var version: String?
    var quality = 1.0

    /// - Returns: nil when the quality is no number from 0 to 1.
    init?(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { Self.trimmed($0) }
        range = parts[0].lowercased()
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let value = Self.trimmed(part[part.index(after: equals)...]).filter { $0 != "\"" }
            switch Self.trimmed(part[..<equals]).lowercased() {
            case "q":
                guard let quality = Double(value), (0...1).contains(quality) else { return nil }
                self.quality = quality
            case "version": version = value
            default: break  // charset and escaping: every name of ours is plain ASCII
            }
        }
    }

    /// How precisely the range names the format; nil when it does not match.
    func precision(for format: ExpositionFormat) -> Int? {
        switch (format, range) {
        case (.text, "text/plain"): version == nil || version == "0.0.4" ? 2 : nil
        case (.text, "text/*"): 1
        case (.text, "*/*"): 0
        case (.openMetrics, "application/openmetrics-text"): version == nil || version == "1.0.0" ? 2 : nil
        default: nil
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
