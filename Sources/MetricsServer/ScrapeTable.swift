internal import NIOCore

/// The scrapes being answered, bounded: when there are too many, one whose client has stopped reading makes room, so that
/// such clients never keep others from scraping.
struct ScrapeTable {
    private struct Entry {
        let channel: any Channel
        /// When the client last took a piece of the page; nil while the page waits for a frame.
        var progress: NIODeadline?
    }

    private let limit: Int
    private let stallTolerance: TimeAmount
    private var entries: [UInt64: Entry] = [:]
    private var lastTicket: UInt64 = 0

    init(limit: Int, stallTolerance: TimeAmount) {
        self.limit = limit
        self.stallTolerance = stallTolerance
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Adds a scrape.
    ///
    /// - Returns: its ticket, nil if there is no room; and the connection to close for it. Not closed here: that calls
    ///   back into the table.
    mutating func add(_ channel: any Channel, now: NIODeadline) -> (ticket: UInt64?, stalled: (any Channel)?) {
        var stalled: (any Channel)?
        if entries.count >= limit {
            let slowest = entries.filter { $0.value.progress != nil }.min { $0.value.progress! < $1.value.progress! }
            guard let slowest, now - slowest.value.progress! >= stallTolerance else { return (nil, nil) }
            entries[slowest.key] = nil
            stalled = slowest.value.channel
        }
        lastTicket += 1
        entries[lastTicket] = Entry(channel: channel)
        return (lastTicket, stalled)
    }

    /// The client took a piece, or is about to be sent the first.
    mutating func setProgress(_ ticket: UInt64, now: NIODeadline) {
        entries[ticket]?.progress = now
    }

    /// The scrape is over.
    mutating func remove(_ ticket: UInt64) {
        entries[ticket] = nil
    }
}
