import VexportCore

/// What `POST /api/v1/silences/add` takes.
struct SilenceRequest: Codable, Sendable {
    var matchers: [String]
    /// As Prometheus writes them.
    var duration: String
    var comment: String
    var createdBy: String

    /// Which alerts, and for how long.
    struct Terms {
        var matchers: [LabelMatcher] = []
        var duration: Duration
    }

    /// Why it makes no silence, and what would.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    func terms() throws(Fault) -> Terms {
        guard !matchers.isEmpty else { throw Fault(description: "a silence without matchers would cover every alert") }
        guard let length = Duration(prometheusText: duration), length > .zero else {
            throw Fault(
                description: "no duration: \(EscapedText(duration.utf8)); expected one such as 30m or 1h30m")
        }
        var terms = Terms(duration: length)
        for text in matchers {
            guard let matcher = LabelMatcher(text) else {
                throw Fault(
                    description: "no matcher: \(EscapedText(text.utf8)); expected one such as device=vnet1, "
                        + "device!=vnet1, device=~vnet.* or device!~vnet.*")
            }
            terms.matchers.append(matcher)
        }
        guard comment.utf8.count <= 1_024, createdBy.utf8.count <= 256 else {
            throw Fault(description: "the comment may have 1,024 bytes, the name 256")
        }
        return terms
    }
}
