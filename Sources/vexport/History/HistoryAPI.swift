import MetricsServer
import VexportCore

/// GET /api/v1/history: counters of links over a while. docs/history.md has the parameters.
enum HistoryAPI {
    static func endpoint(_ history: LinkHistory) -> APIEndpoint {
        APIEndpoint("/api/v1/history") { request in
            let query: HistoryQuery
            do throws(Fault) { query = try self.query(request, now: .now) } catch { return .badData("\(error)") }
            do { return .json(try history.archive().page(query)) } catch {
                return .text("the history can't be read: \(error)", status: 500)
            }
        }
    }

    /// How far back it goes where nobody says.
    private static let standardLength = Duration.seconds(600)

    private static func query(_ request: APIRequest, now: Timestamp) throws(Fault) -> HistoryQuery {
        let end = try time(request, "end", now) ?? now
        let start = try time(request, "start", now) ?? end - standardLength
        guard start <= end else { throw Fault("start", request["start"] ?? "", "a time before the end") }
        var query = HistoryQuery(from: start, to: end)
        (query.device, query.namespace, query.kind) = (request["device"], request["netns"], request["kind"])
        if let text = request["step"] {
            guard let step = Duration(prometheusText: text), step > .zero else {
                throw Fault("step", text, "a duration such as 10s")
            }
            query.step = step
        }
        if let text = request["limit"] {
            guard let limit = Int(text), (1...HistoryQuery.largestLimit).contains(limit) else {
                throw Fault("limit", text, "a number from 1 to \(HistoryQuery.largestLimit)")
            }
            query.limit = limit
        }
        if let text = request["after"] {
            guard let place = HistoryPlace(text) else { throw Fault("after", text, "what 'next' was") }
            query.after = place
        }
        let names = request.query.filter { $0.name == "metric" }.map(\.value)
        guard !names.isEmpty else { return query }
        query.metrics = []
        for name in names {
            guard let metric = LinkCounter(metric: name) else {
                let known = LinkCounter.allCases.map(\.label)
                let hint = Suggestion.text(for: name, among: known)
                throw Fault("metric", name, "a counter of links, such as receive_bytes,", hint)
            }
            if !query.metrics.contains(metric) { query.metrics.append(metric) }
        }
        return query
    }

    /// Seconds since 1970, or how long ago, as in `10m`.
    private static func time(_ request: APIRequest, _ name: String, _ now: Timestamp) throws(Fault) -> Timestamp? {
        guard let text = request[name] else { return nil }
        if let seconds = Double(text), let time = Timestamp(seconds: seconds) { return time }
        if let ago = Duration(prometheusText: text) { return now - ago }
        throw Fault(name, text, "seconds since 1970, or a duration before now such as 10m,")
    }

    private struct Fault: Error, CustomStringConvertible {
        let description: String

        init(_ name: String, _ text: String, _ wanted: String, _ hint: String = "") {
            description = "\(name) is '\(EscapedText(text.utf8.prefix(64)))' where \(wanted) is wanted\(hint)"
        }
    }
}
