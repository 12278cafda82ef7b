import Synchronization

/// What the last look at all bridges and ports found. Never changes once published, and shared by all frames until the next.
public final class BridgeReadings: Sendable {
    /// A link's reading.
    struct Row: Sendable {
        let slot: Int
        /// Slots are given out again.
        let birth: UInt64
        let reading: BridgeReading
    }

    /// When it was read.
    public let moment: Moment
    /// By slot.
    let rows: [Row]
    private let text = Mutex<[ExpositionFormat: (links: FrameLinks, text: [UInt8])]>([:])

    /// - Parameter readings: of links that may be gone meanwhile.
    init(_ readings: [LinkPlace: BridgeReading], at moment: Moment, _ inventory: Inventory) {
        self.moment = moment
        rows = readings.compactMap { place, reading -> Row? in
            guard let link = inventory[place] else { return nil }
            let master = link.state.masterIndex.flatMap { inventory[LinkPlace(place.namespace, $0)] }
            let reading = reading.counted(by: link.state.bridge ?? master?.state.bridge)
            return Row(slot: link.slot, birth: link.identity.birth, reading: reading)
        }.sorted { $0.slot < $1.slot }
    }

    /// A link's reading; nil when it has none.
    subscript(link: Link) -> BridgeReading? {
        // By halves: the rows are in the order of their slots.
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].slot < link.slot { low = middle + 1 } else { high = middle }
        }
        guard low < rows.count, rows[low].slot == link.slot, rows[low].birth == link.identity.birth else { return nil }
        return rows[low].reading
    }

    /// How many series a link has of it.
    func seriesCount(_ record: LinkRecord, _ detail: LinkDetail) -> Int {
        guard let reading = self[record.link] else { return 0 }
        return BridgeMetrics.of(record.link).reduce(0) {
            $1.isDetail && detail == .basic ? $0 : $0 + $1.series(reading).count
        }
    }

    /// The families of bridges and ports. Rendered by the first scrape that asks after a change of it or of the links.
    func text(_ links: FrameLinks, _ format: ExpositionFormat) -> [UInt8] {
        text.withLock { text in
            if let known = text[format], known.links === links { return known.text }
            let rendered = BridgeText.render(self, links, format)
            text[format] = (links, rendered)
            return rendered
        }
    }
}
