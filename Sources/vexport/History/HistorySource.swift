import ControlClient
import VexportCore

/// Where a command reads the history, page by page.
protocol HistorySource: Sendable {
    func page(_ query: HistoryQuery) async throws -> HistoryPage
}

extension HistoryArchive: HistorySource {}

extension HistorySource {
    /// Hands out all pages.
    func forEachPage(_ query: HistoryQuery, _ body: (HistoryPage) throws -> Void) async throws {
        var query = query
        repeat {
            let page = try await page(query)
            try body(page)
            query.after = page.next.flatMap { HistoryPlace($0) }
        } while query.after != nil
    }
}

/// A daemon's, by way of its API.
struct DaemonHistory: HistorySource {
    let client: ControlClient

    /// Points a page, so that each comes in good time.
    private static let pageLimit = 50_000

    func page(_ query: HistoryQuery) async throws -> HistoryPage {
        var parameters: [(name: String, value: String)] = [
            ("start", "\(query.start.seconds)"), ("end", "\(query.end.seconds)"), ("limit", "\(Self.pageLimit)"),
        ]
        parameters += query.metrics.map { ("metric", $0.label) }
        if let kind = query.kind { parameters.append(("kind", kind)) }
        if let step = query.step { parameters.append(("step", step.prometheusText)) }
        if let after = query.after { parameters.append(("after", "\(after)")) }
        return try await client.read(HistoryPage.self, "/api/v1/history", query: parameters)
    }
}
