/// Renders what was read of bridges and ports.
enum BridgeText {
    static func render(_ readings: BridgeReadings, _ links: FrameLinks, _ format: ExpositionFormat) -> [UInt8] {
        var (bridges, ports): ([(LinkRecord, BridgeReading)], [(LinkRecord, BridgeReading)]) = ([], [])
        for row in readings.rows {
            guard let record = links[row.slot], record.link.identity.birth == row.birth, links.isExposed(row.slot)
            else { continue }
            if record.link.state.bridge != nil {
                bridges.append((record, row.reading))
            } else if record.link.state.bridgePort != nil {
                ports.append((record, row.reading))
            }
        }
        var bytes: [UInt8] = []
        for (metrics, rows) in [(BridgeMetrics.port, ports), (BridgeMetrics.bridge, bridges)] {
            for metric in metrics where links.detail == .full || !metric.isDetail {
                append(metric, rows, format, to: &bytes)
            }
        }
        return bytes
    }

    private static func append(
        _ row: BridgeMetric, _ links: [(LinkRecord, BridgeReading)], _ format: ExpositionFormat,
        to bytes: inout [UInt8]
    ) {
        var headerIsDue = true
        for (record, reading) in links {
            for (labels, value) in row.series(reading) {
                if headerIsDue { bytes += format.header(of: row.metric) }
                headerIsDue = false
                bytes += row.metric.name.utf8
                bytes += labels.isEmpty ? record.deviceBlock : TextFormat.block(record.labels + labels)
                bytes += "\(value)\n".utf8
            }
        }
    }
}
