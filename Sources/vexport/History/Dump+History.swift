import ControlClient
import VexportCore

/// What `vexport dump` shows of the history.
extension Dump {
    /// No daemon to ask, where only one could answer.
    struct NoHistory: Error, CustomStringConvertible {
        let description = "--since needs a daemon, or --storage.path where one kept its history"
    }

    /// What a running daemon remembers.
    func dumpHistory(of client: ControlClient, _ since: Length) async throws {
        let source = DaemonHistory(client: client)
        let now = Timestamp.now
        guard format == .table else { return try await writeText(source, from: now - since.duration, to: now) }
        var activities = LinkActivities(
            from: now - since.duration, to: now, title: since.duration.prometheusText)
        try await source.forEachPage(activities.query) { activities.add($0) }
        let snapshot = try Snapshot(json: await client.page("/api/v1/snapshot"))
        try StandardOutput.writeLines(
            SnapshotTable(snapshot, activities: activities, style: Terminal.style, now: .now).render)
    }

    /// What a daemon left in a directory, dead or alive.
    func dumpStore(_ path: String) async throws {
        let place = StorePlace(path: path)
        guard let directory = place.stateDirectory else { throw NoHistory() }
        let archive = try HistoryArchive(stateDirectory: directory, runtimeDirectory: place.runtimeDirectory) {
            StandardError.write("vexport dump: \(EscapedText($0.utf8))\n")
        }
        guard let end = archive.end else {
            return StandardError.write("vexport dump: \(EscapedText(directory.utf8)): no reading is left\n")
        }
        let length = since?.duration ?? .seconds(600)
        guard format == .table else { return try await writeText(archive, from: end - length, to: end) }
        var activities = LinkActivities(from: end - length, to: end, title: length.prometheusText)
        var pages: [HistoryPage] = []
        try await archive.forEachPage(activities.query) { page in
            activities.add(page)
            pages.append(page)
        }
        try StandardOutput.writeLines(HistoryTable(activities, pages, style: Terminal.style).render)
    }

    private func writeText(_ source: some HistorySource, from start: Timestamp, to end: Timestamp) async throws {
        for family in HistoryText.families {
            var query = HistoryQuery(from: start, to: end)
            (query.metrics, query.kind) = ([family.counter], family.kind)
            var text = HistoryText(family)
            var isFirst = true
            try await source.forEachPage(query) { page in
                guard !page.series.isEmpty else { return }
                if isFirst { try StandardOutput.write(family.header) }
                isFirst = false
                for series in page.series { try StandardOutput.write(text.lines(series)) }
            }
        }
        try StandardOutput.write(HistoryText.end)
    }
}
