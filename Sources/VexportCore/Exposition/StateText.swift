/// Renders what a frame shows beside counters: states and infos, which change only with the inventory.
enum StateText {
    private static let pieceSize = 64 << 10

    static func render(_ links: FrameLinks, _ format: ExpositionFormat) -> [UInt8] {
        let families = links.table.families(format).states
        var bytes: [UInt8] = []
        let traits = links.records.enumerated().map { slot, record in
            links.isExposed(slot) ? record.map { LinkTraits($0) } : nil
        }
        unsafe withUnsafeTemporaryAllocation(byteCount: pieceSize, alignment: 16) { piece in
            var output = unsafe LineWriter(piece)
            var infos = 0
            for family in families {
                var headerIsDue = true
                for (slot, traits) in traits.enumerated() {
                    guard let traits, traits.contains(family.metric.needs),
                        !family.metric.isDetail || links.showsDetail[slot],
                        let record = links.records[slot],
                        let (labels, value) = record.series(of: family.metric.reading, infos)
                    else { continue }
                    if output.space < family.room + labels.count {
                        unsafe bytes.append(contentsOf: piece.prefix(output.count))
                        output = unsafe LineWriter(piece)
                    }
                    if headerIsDue {
                        output.append(family.header.span, 0, family.header.count)
                        headerIsDue = false
                    }
                    output.append(padded: family.name.span, 0, family.nameLength)
                    output.append(labels.span, 0, labels.count)
                    output.append(value)
                    output.endLine()
                }
                if case .info = family.metric.reading { infos += 1 }
            }
            unsafe bytes.append(contentsOf: piece.prefix(output.count))
        }
        var namespaces = SampleSink()
        NamespaceMetrics.collect(links.namespaces, into: &namespaces)
        return bytes + SinkText.render(namespaces, format)
    }
}
