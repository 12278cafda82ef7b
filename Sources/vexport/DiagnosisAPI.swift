import MetricsServer
import VexportCore

/// What the API tells of findings.
enum DiagnosisAPI {
    /// GET /api/v1/findings.
    static func findings(_ store: FindingStore) -> APIEndpoint {
        APIEndpoint("/api/v1/findings") { _ in .json(store.latest.map { FindingRecord($0) }) }
    }

    /// GET /api/v1/explain?device=NAME&netns=LABEL.
    static func explain(_ pipeline: Pipeline) -> APIEndpoint {
        APIEndpoint("/api/v1/explain") { request in
            guard let device = request["device"] else { return .badData("the parameter 'device' is missing") }
            guard let explanation = await pipeline.explain(device: device, namespace: request["netns"]) else {
                return .badData("\(NothingThere("link", device, request["netns"]))")
            }
            return .json(explanation)
        }
    }

    /// GET /api/v1/path?of=WORKLOAD|DEVICE|MAC&netns=LABEL.
    static func path(_ pipeline: Pipeline) -> APIEndpoint {
        APIEndpoint("/api/v1/path") { request in
            guard let words = request["of"] else { return .badData("the parameter 'of' is missing") }
            let paths = await pipeline.paths(words, namespace: request["netns"])
            guard !paths.isEmpty else {
                return .badData("\(NothingThere("workload, link or MAC", words, request["netns"]))")
            }
            return .json(paths)
        }
    }
}

/// Nothing is called what somebody asked for.
struct NothingThere: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ words: String, _ namespace: String?) {
        let place = namespace.map { "namespace \(EscapedText($0.utf8))" } ?? "vexport's own namespace"
        description =
            "no \(what) \(EscapedText(words.utf8)) in \(place): 'vexport dump' shows those there are, --netns names "
            + "another namespace"
    }
}
