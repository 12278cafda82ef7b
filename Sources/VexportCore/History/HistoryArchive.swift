internal import RingStore

/// All that the history held at one moment: of a daemon, or of files that a dead one left.
public struct HistoryArchive: Sendable {
    private let history: History

    init(_ history: History) {
        self.history = history
    }

    /// Reads what a daemon left in its directories, or has there while it runs, and changes nothing.
    ///
    /// - Parameters:
    ///   - runtimeDirectory: nil leaves out what was not yet written to the state directory.
    ///   - notify: is told of files that cannot be used.
    /// - Throws: when the state directory cannot be read.
    public init(stateDirectory: String, runtimeDirectory: String?, notify: (String) -> Void) throws {
        history = try History(stateDirectory: stateDirectory, runtimeDirectory: runtimeDirectory) {
            notify($0.description)
        }
    }

    /// When the last tick was; nil when there is none.
    public var end: Timestamp? {
        let lasts = (0..<history.tierCount).compactMap { history.last(tier: $0) }
        return lasts.max().map { Timestamp(nanoseconds: $0.tick.wall) }
    }

    /// Reads as many series as a page takes. Links of one name come after each other, in the order in which they lived.
    ///
    /// Takes the time of decoding what is asked for, and some milliseconds for thousands of links.
    ///
    /// - Throws: when a file's bytes do not keep to the format.
    public func page(_ query: HistoryQuery) throws -> HistoryPage {
        var page = HistoryPage(series: [], next: nil)
        var (pointCount, last) = (0, query.after)
        for entry in entries(query) where query.after.map({ $0 < entry.place }) ?? true {
            guard pointCount < query.limit else {
                page.next = last?.description
                break
            }
            last = entry.place
            for counter in query.metrics where counter.rawValue < entry.link.counterCount {
                let series = try read(entry, counter, query)
                guard !series.times.isEmpty else { continue }
                pointCount += series.times.count
                page.series.append(series)
            }
        }
        return page
    }

    private struct Entry {
        let subject: SubjectID
        let born: RingMoment
        let died: RingMoment?
        let link: HistoryLink
        var place: HistoryPlace
    }

    /// The links that are asked for, in the order of pages.
    ///
    /// By number and not by name: neighbours in the store are read together. Births and deaths leave nobody out, since
    /// the wall clock may have been set back in between.
    private func entries(_ query: HistoryQuery) -> [Entry] {
        var first: [HistoryLabels: UInt64] = [:]
        let entries = history.subjects.values.sorted { $0.id < $1.id }.compactMap { subject -> Entry? in
            guard let link = HistoryLink(metadata: subject.metadata), query.matches(link) else { return nil }
            let labels = HistoryLabels(device: link.name, netns: link.namespace)
            let number = subject.id.number
            first[labels] = first[labels] ?? number
            return Entry(
                subject: subject.id, born: subject.born, died: subject.died, link: link,
                place: HistoryPlace(group: first[labels] ?? number, number: number))
        }
        return entries.sorted { $0.place < $1.place }
    }

    private func read(_ entry: Entry, _ counter: LinkCounter, _ query: HistoryQuery) throws -> HistorySeries {
        var series = HistorySeries(
            labels: HistoryLabels(device: entry.link.name, netns: entry.link.namespace), kind: entry.link.kind,
            metric: counter, born: entry.born.tick.wall, died: entry.died?.tick.wall)
        var meter = RateMeter()
        func take(_ moment: RingMoment, _ value: UInt64) {
            series.append(Timestamp(nanoseconds: moment.tick.wall), value, meter.take(moment, value)?.perSecond)
        }
        let range = TimeRange.wall(query.start.nanoseconds...max(query.start, query.end).nanoseconds)
        if let step = query.step {
            try history.read(entry.subject, column: counter.rawValue, in: range, step: step, take)
        } else {
            try history.read(entry.subject, column: counter.rawValue, in: range) { run in
                for index in 0..<run.count { take(run.moment(index), run.values[index]) }
            }
        }
        return series
    }
}
