extension Snapshot {
    /// What a tick saw.
    ///
    /// - Parameters:
    ///   - previous: the scheduled tick before it, which rates are counted from; nil for no rates.
    ///   - host: the host's name.
    ///   - madeBy: `vexport 0.1.0`, or which version it is.
    ///   - findings: what is wrong; nil where nobody judged.
    public init(
        frame: TickFrame, previous: TickFrame?, host: EscapedText, madeBy: EscapedText, isFromDaemon: Bool,
        findings: [FindingRecord]? = nil
    ) {
        self = Self.head(frame, previous, host, madeBy, isFromDaemon)
        self.findings = findings
        links = Array(Self.links(of: frame, since: previous))
    }

    /// The JSON of what a tick saw, without having all of its links in memory in two forms. See `init` and `json()`.
    public static func json(
        frame: TickFrame, previous: TickFrame?, host: EscapedText, madeBy: EscapedText, isFromDaemon: Bool,
        findings: [FindingRecord]? = nil
    ) throws -> [UInt8] {
        var snapshot = head(frame, previous, host, madeBy, isFromDaemon)
        snapshot.findings = findings
        return try json(Head(snapshot), links(of: frame, since: previous))
    }

    /// All but the links.
    private static func head(
        _ frame: TickFrame, _ previous: TickFrame?, _ host: EscapedText, _ madeBy: EscapedText, _ isFromDaemon: Bool
    ) -> Snapshot {
        Snapshot(
            host: host, madeBy: madeBy, isFromDaemon: isFromDaemon, time: frame.moment.timestamp,
            rateInterval: previous.map { (frame.moment.instant - $0.moment.instant).seconds },
            bridgesTime: frame.bridges?.moment.timestamp, links: [])
    }

    /// Those of vexport's own namespace and then the others', by interface index, each made when it is asked for.
    private static func links(of frame: TickFrame, since previous: TickFrame?) -> some Collection<Link> {
        let all = (0..<frame.links.slotCount).compactMap { frame.links[$0] }
        let records = all.sorted {
            ($0.namespace?.description ?? "", $0.link.place.index) < (
                $1.namespace?.description ?? "", $1.link.place.index
            )
        }
        let places = Dictionary(all.map { ($0.link.place, $0) }, uniquingKeysWith: { first, _ in first })
        return records.lazy.map { record in
            var link = Link(record) { places[$0] }
            link.take(frame, slot: record.link.slot, since: previous)
            return link
        }
    }

    /// The counters whose rates a snapshot holds. The rest hardly ever moves.
    fileprivate static let rated: Set<LinkCounter> = [
        .receiveBytes, .receivePackets, .receiveErrors, .receiveDropped,
        .transmitBytes, .transmitPackets, .transmitErrors, .transmitDropped,
    ]
}

extension Snapshot.Link {
    /// Takes in what a tick counted of the link.
    mutating func take(_ frame: TickFrame, slot: Int, since previous: TickFrame?) {
        if let record = frame.links[slot], let reading = frame.bridges?[record.link] { take(reading) }
        counters = CounterValues { frame.counter($0, slot: slot) }
        rates = previous.flatMap { previous in
            CounterValues { Snapshot.rated.contains($0) ? frame.rate($0, slot: slot, since: previous) : nil }
        }
    }
}
