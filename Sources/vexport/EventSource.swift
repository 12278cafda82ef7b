import FoundationEssentials
import MetricsServer
import VexportCore

/// GET /api/v1/events: the journal, as JSON.
///
/// Parameters: `after` (a number; 0, all, is the default), `limit` (1 to 10,000, default 1,000), `wait` (seconds, up to 10,
/// to wait for an event when there is none), `device` and `netns` (patterns with `*` and `?`; an empty `netns` is vexport's
/// own namespace).
struct EventSource: Sendable {
    /// As many requests may wait at once: the server takes a few at a time.
    private static let longestWait = 10.0
    static let largestPage = 10_000

    let journal: EventJournal

    var endpoint: APIEndpoint {
        APIEndpoint("/api/v1/events") { request in
            do {
                return .json(EventPage(try await read(Query(request))))
            } catch {
                return .badData("\(error)")
            }
        }
    }

    private func read(_ query: Query) async -> EventJournal.Page {
        func page() -> EventJournal.Page {
            journal.read(after: query.after, limit: query.limit) { query.filter.matches($0) }
        }
        let first = page()
        guard first.entries.isEmpty, query.wait > .zero else { return first }
        await journal.waitForMore(after: first.last, atMost: query.wait)
        return page()
    }

    private struct Query {
        var after: UInt64 = 0
        var limit = 1_000
        var wait = Duration.zero
        var filter = EventFilter()

        init(_ request: APIRequest) throws {
            filter = EventFilter(device: request["device"], namespace: request["netns"])
            if let text = request["after"] {
                guard let number = UInt64(text) else { throw Fault("after", text, "a number") }
                after = number
            }
            if let text = request["limit"] {
                guard let number = Int(text), (1...largestPage).contains(number) else {
                    throw Fault("limit", text, "a number from 1 to \(largestPage)")
                }
                limit = number
            }
            if let text = request["wait"] {
                guard let seconds = Double(text), (0...longestWait).contains(seconds) else {
                    throw Fault("wait", text, "seconds from 0 to \(longestWait)")
                }
                wait = .milliseconds(Int(seconds * 1000))
            }
        }
    }

    private struct Fault: Error, CustomStringConvertible {
        let description: String

        init(_ name: String, _ text: String, _ wanted: String) {
            description = "\(name) is '\(EscapedText(text.utf8))' where \(wanted) is wanted"
        }
    }
}
