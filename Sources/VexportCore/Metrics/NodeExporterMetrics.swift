/// The metrics of node_exporter's netdev and netclass collectors under their own names, for dashboards made for them.
///
/// Names, types, labels, values and helps are those of node_exporter 1.12 with its default options. It sums counters as
/// /proc/net/dev does, and takes states from sysfs, which hides or dresses some of what rtnetlink tells plainly.
public enum NodeExporterMetrics {
    public static let all = counters + states

    static let counters: [LinkMetric] = [
        statistic("receive_bytes", .receiveBytes),
        statistic("receive_packets", .receivePackets),
        statistic("receive_errs", .receiveErrors),
        statistic("receive_drop", .receiveDropped, plus: [.receiveMissedErrors]),
        statistic("receive_fifo", .receiveFIFOErrors),
        statistic(
            "receive_frame", .receiveFrameErrors,
            plus: [.receiveLengthErrors, .receiveOverErrors, .receiveCRCErrors]),
        statistic("receive_compressed", .receiveCompressed),
        statistic("receive_multicast", .multicast),
        statistic("receive_nohandler", .receiveNoHandler),
        statistic("transmit_bytes", .transmitBytes),
        statistic("transmit_packets", .transmitPackets),
        statistic("transmit_errs", .transmitErrors),
        statistic("transmit_drop", .transmitDropped),
        statistic("transmit_fifo", .transmitFIFOErrors),
        statistic("transmit_colls", .collisions),
        statistic(
            "transmit_carrier", .transmitCarrierErrors,
            plus: [.transmitAbortedErrors, .transmitHeartbeatErrors, .transmitWindowErrors]),
        statistic("transmit_compressed", .transmitCompressed),
    ]

    static let states: [LinkMetric] = [
        LinkMetric(
            metric: Metric(
                .gauge, "node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.", source: "IFLA_OPERSTATE"),
            isDetail: false,
            reading: .state { $0.link.state.operstate == OperationalState.up.rawValue ? 1 : 0 }),
        // A gauge in OpenMetrics too, where node_exporter does not call it an info.
        LinkMetric(
            metric: Metric(
                .gauge, "node_network_info", "Non-numeric data from /sys/class/net/<iface>, value is always 1.",
                source: "IFLA_ADDRESS, IFLA_BROADCAST, ETHTOOL_A_LINKMODES_DUPLEX, IFLA_OPERSTATE, ifi_flags, "
                    + "IFLA_IFALIAS",
                labels: ["address", "broadcast", "duplex", "operstate", "adminstate", "ifalias"]),
            isDetail: false,
            reading: .info { context in
                let isUp = context.state.flags.contains(.up)
                return [
                    Label("address", context.state.address), Label("broadcast", context.state.broadcast),
                    Label("duplex", isUp ? context.state.speed?.duplex.rawValue : nil),
                    Label("operstate", context.state.operstate.flatMap(OperationalState.init)?.name),
                    Label("adminstate", isUp ? "up" : "down"),
                    Label("ifalias", context.state.alias),
                ].compactMap { $0 }
            }),
        property("carrier", source: "IFLA_CARRIER") { record in
            record.isUp ? record.link.state.carrier.isUp.map { $0 ? 1 : 0 } : nil
        },
        property("carrier_changes_total", .counter, source: "IFLA_CARRIER_CHANGES") {
            $0.link.state.carrier.changes.map(Double.init)
        },
        property("carrier_up_changes_total", .counter, source: "IFLA_CARRIER_UP_COUNT") {
            $0.link.state.carrier.ups.map(Double.init)
        },
        property("carrier_down_changes_total", .counter, source: "IFLA_CARRIER_DOWN_COUNT") {
            $0.link.state.carrier.downs.map(Double.init)
        },
        property("dormant", source: "ifi_flags") { record in
            record.isUp ? record.link.state.flags.contains(.dormant) ? 1 : 0 : nil
        },
        property("flags", source: "ifi_flags, IFLA_PROMISCUITY, IFLA_ALLMULTI") { Double($0.deviceFlags.rawValue) },
        property("iface_id", source: "ifi_index") { Double($0.link.place.index) },
        property("iface_link", source: "IFLA_LINK") { record in
            let none = record.link.state.standsOnNone ? 0 : record.link.place.index
            return Double(record.link.state.lowerLink?.index ?? none)
        },
        property("iface_link_mode", source: "IFLA_LINKMODE") { $0.link.state.linkMode.map(Double.init) },
        property("mtu_bytes", source: "IFLA_MTU") { $0.link.state.mtu.map(Double.init) },
        property("net_dev_group", source: "IFLA_GROUP") { $0.link.state.group.map(Double.init) },
        property("speed_bytes", source: "ETHTOOL_A_LINKMODES_SPEED") { record in
            // node_exporter's number for a speed that is not known, from -1 Mbit/s.
            record.isUp ? record.link.state.speed.map { $0.megabits.map { Double($0) * 125_000 } ?? -125_000 } : nil
        },
        property("transmit_queue_length", source: "IFLA_TXQLEN") {
            $0.link.state.transmitQueueLength.map(Double.init)
        },
        property("protocol_type", source: "ifi_type") { Double($0.link.state.hardwareType) },
    ]

    private static func statistic(
        _ name: String, _ counter: LinkCounter, plus others: [LinkCounter] = []
    ) -> LinkMetric {
        LinkMetric(
            metric: Metric(
                .counter, "node_network_\(name)_total", "Network device statistic \(name).",
                source: "IFLA_STATS_LINK_64"),
            isDetail: false, reading: .counter(counter, plus: others))
    }

    private static func property(
        _ name: String, _ kind: Metric.Kind = .gauge, source: String,
        _ value: @escaping @Sendable (LinkRecord) -> Double?
    ) -> LinkMetric {
        LinkMetric(
            metric: Metric(kind, "node_network_\(name)", "Network device property: \(name)", source: source),
            isDetail: false, reading: .state(value))
    }
}

extension LinkRecord {
    /// sysfs does not tell all of a link that is down.
    fileprivate var isUp: Bool { link.state.flags.contains(.up) }

    /// The flags as sysfs shows them: the device's own, where rtnetlink shows what users asked for and how the link does.
    fileprivate var deviceFlags: LinkFlags {
        var flags = link.state.flags.subtracting([.running, .lowerUp, .dormant])
        if link.state.promiscuity ?? 0 > 0 { flags.insert(.promiscuous) }
        if link.state.allMulticast ?? 0 > 0 { flags.insert(.allMulticast) }
        return flags
    }
}
