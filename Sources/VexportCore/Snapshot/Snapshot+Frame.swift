extension Snapshot {
    /// What a tick saw.
    ///
    /// - Parameters:
    ///   - previous: the scheduled tick before it, which rates are counted from; nil for no rates.
    ///   - host: the host's name.
    ///   - madeBy: `vexport 0.1.0`, or which version it is.
    public init(
        frame: TickFrame, previous: TickFrame?, host: EscapedText, madeBy: EscapedText, isFromDaemon: Bool
    ) {
        let records = (0..<frame.links.slotCount).compactMap { frame.links[$0]?.link }
            .sorted { $0.identity.index < $1.identity.index }
        let names = Dictionary(
            records.map { ($0.identity.index, $0.state.name) }, uniquingKeysWith: { first, _ in first })
        self.init(
            host: host, madeBy: madeBy, isFromDaemon: isFromDaemon, time: frame.moment.timestamp,
            rateInterval: previous.map { (frame.moment.instant - $0.moment.instant).seconds },
            links: records.map { record in
                var link = Link(record) { names[$0] }
                link.counters = CounterValues { frame.counter($0, slot: record.slot) }
                link.rates = previous.flatMap { previous in
                    CounterValues {
                        Self.rated.contains($0) ? frame.rate($0, slot: record.slot, since: previous) : nil
                    }
                }
                return link
            })
    }

    /// The counters whose rates a snapshot holds. The rest hardly ever moves.
    static let rated: Set<LinkCounter> = [
        .receiveBytes, .receivePackets, .receiveErrors, .receiveDropped,
        .transmitBytes, .transmitPackets, .transmitErrors, .transmitDropped,
    ]
}
