/// The metrics of links, in the order in which they are exposed.
public enum LinkMetrics {
    public static let all = counters + states

    /// How a metric is read; nil when there is none of this name.
    static func reading(of name: String) -> LinkMetric.Reading? { all.first { $0.metric.name == name }?.reading }

    /// The rows by subject, for people.
    public static let sections: [(title: String, rows: [LinkMetric])] = [
        ("Links: traffic", counters), ("Links: state", common), ("Veth", veth), ("Tap and tun", tap),
        ("Bridges", bridge), ("Bridge ports", bridgePort),
        ("Workloads", WorkloadMetrics.links + WorkloadMetrics.traffic),
    ]

    /// What ticks read.
    static let counters: [LinkMetric] = [
        .counter("vexport_link_receive_bytes_total", .receiveBytes, "Bytes received.", source: "rx_bytes"),
        .counter("vexport_link_receive_packets_total", .receivePackets, "Packets received.", source: "rx_packets"),
        .counter("vexport_link_receive_errors_total", .receiveErrors, "Bad packets received.", source: "rx_errors"),
        .counter(
            "vexport_link_receive_dropped_packets_total", .receiveDropped,
            "Packets received but not processed, for want of resources or support.", source: "rx_dropped"),
        .counter(
            "vexport_link_receive_multicast_packets_total", .multicast, "Multicast packets received.",
            source: "multicast"),
        .counter(
            "vexport_link_receive_nohandler_packets_total", .receiveNoHandler,
            "Packets received on a link that nobody listens on, such as an inactive bond member.",
            source: "rx_nohandler"),
        .counter("vexport_link_transmit_bytes_total", .transmitBytes, "Bytes sent.", source: "tx_bytes"),
        .counter("vexport_link_transmit_packets_total", .transmitPackets, "Packets sent.", source: "tx_packets"),
        .counter(
            "vexport_link_transmit_errors_total", .transmitErrors, "Packets that failed to be sent.",
            source: "tx_errors"),
        .counter(
            "vexport_link_transmit_dropped_packets_total", .transmitDropped,
            "Packets dropped on their way out. On a tap without a reader, or with a slow one, these count up.",
            source: "tx_dropped"),
        .counter(
            "vexport_link_transmit_collisions_total", .collisions, "Collisions while sending.", source: "collisions",
            detail: true),
        .counter(
            "vexport_link_receive_length_errors_total", .receiveLengthErrors, "Packets with an invalid length.",
            source: "rx_length_errors", detail: true),
        .counter(
            "vexport_link_receive_overrun_errors_total", .receiveOverErrors,
            "Packets that did not fit the host's receive buffers.", source: "rx_over_errors", detail: true),
        .counter(
            "vexport_link_receive_crc_errors_total", .receiveCRCErrors, "Packets with a checksum error.",
            source: "rx_crc_errors", detail: true),
        .counter(
            "vexport_link_receive_frame_errors_total", .receiveFrameErrors, "Packets with a framing error.",
            source: "rx_frame_errors", detail: true),
        .counter(
            "vexport_link_receive_fifo_errors_total", .receiveFIFOErrors, "Receive FIFO errors.",
            source: "rx_fifo_errors", detail: true),
        .counter(
            "vexport_link_receive_missed_errors_total", .receiveMissedErrors,
            "Packets missed by the host for want of buffers.", source: "rx_missed_errors", detail: true),
        .counter(
            "vexport_link_receive_compressed_packets_total", .receiveCompressed, "Compressed packets received.",
            source: "rx_compressed", detail: true),
        .counter(
            "vexport_link_receive_otherhost_dropped_packets_total", .receiveOtherHostDropped,
            "Packets dropped because they were addressed to another host. Since Linux 5.19.",
            source: "rx_otherhost_dropped", detail: true),
        .counter(
            "vexport_link_transmit_aborted_errors_total", .transmitAbortedErrors, "Packets aborted while being sent.",
            source: "tx_aborted_errors", detail: true),
        .counter(
            "vexport_link_transmit_carrier_errors_total", .transmitCarrierErrors,
            "Packets not sent for want of a carrier.", source: "tx_carrier_errors", detail: true),
        .counter(
            "vexport_link_transmit_fifo_errors_total", .transmitFIFOErrors, "Transmit FIFO errors.",
            source: "tx_fifo_errors", detail: true),
        .counter(
            "vexport_link_transmit_heartbeat_errors_total", .transmitHeartbeatErrors, "Heartbeat errors while sending.",
            source: "tx_heartbeat_errors", detail: true),
        .counter(
            "vexport_link_transmit_window_errors_total", .transmitWindowErrors, "Late collisions.",
            source: "tx_window_errors", detail: true),
        .counter(
            "vexport_link_transmit_compressed_packets_total", .transmitCompressed, "Compressed packets sent.",
            source: "tx_compressed", detail: true),
    ]

    /// What changes only with the inventory.
    static let states =
        common + veth.map { $0.of(.veth) } + tap.map { $0.of(.tun) } + bridge.map { $0.of(.bridge) }
        + bridgePort.map { $0.of(.bridgePort) } + WorkloadMetrics.links

    private static let common: [LinkMetric] = [
        .stateCounter(
            "vexport_link_carrier_changes_total", "Changes of the carrier, up and down together.",
            source: "IFLA_CARRIER_CHANGES"
        ) { $0.link.state.carrier.changes.map(Double.init) },
        .stateCounter("vexport_link_carrier_up_total", "Times the carrier came up.", source: "IFLA_CARRIER_UP_COUNT") {
            $0.link.state.carrier.ups.map(Double.init)
        },
        .stateCounter(
            "vexport_link_carrier_down_total", "Times the carrier went down. A veth is born with 1.",
            source: "IFLA_CARRIER_DOWN_COUNT"
        ) { $0.link.state.carrier.downs.map(Double.init) },
        .gauge("vexport_link_admin_up", "1 when the link is set up (IFF_UP), 0 when down.", source: "ifi_flags") {
            $0.link.state.flags.contains(.up) ? 1 : 0
        },
        .gauge(
            "vexport_link_carrier",
            "1 when the link has a carrier: for a tap a reader, for a veth a peer that is up. 0 when not.",
            source: "IFLA_CARRIER"
        ) { $0.link.state.carrier.isUp.map { $0 ? 1 : 0 } },
        .gauge(
            "vexport_link_operstate",
            "Operational state, RFC 2863: 0 unknown, 1 not present, 2 down, 3 lower layer down, 4 testing, 5 dormant, "
                + "6 up. A tap with a reader may read 0, and the ends of a veth between namespaces mislead: "
                + "go by the carrier.",
            source: "IFLA_OPERSTATE"
        ) { $0.link.state.operstate.map(Double.init) },
        .gauge("vexport_link_mtu_bytes", "Largest packet the link takes.", source: "IFLA_MTU") {
            $0.link.state.mtu.map(Double.init)
        },
        .gauge(
            "vexport_link_ifindex", "Interface index: unique in the namespace, reused after a deletion.",
            source: "ifi_index", detail: true
        ) { Double($0.link.place.index) },
        .gauge("vexport_link_flags", "Interface flags (IFF_*) as a number.", source: "ifi_flags", detail: true) {
            Double($0.link.state.flags.rawValue)
        },
        .gauge(
            "vexport_link_hardware_type", "ARPHRD_* number of the link layer: 1 Ethernet, 772 loopback, 65534 none.",
            source: "ifi_type", detail: true
        ) { Double($0.link.state.hardwareType) },
        .gauge(
            "vexport_link_protocol_down", "1 when a daemon holds the link down by protodown.",
            source: "IFLA_PROTO_DOWN", detail: true
        ) { $0.link.state.protocolDown.map { $0 ? 1 : 0 } },
        .gauge("vexport_link_group", "Interface group.", source: "IFLA_GROUP", detail: true) {
            $0.link.state.group.map(Double.init)
        },
        .gauge(
            "vexport_link_promiscuity", "How many users want all frames; above 0 the link is promiscuous.",
            source: "IFLA_PROMISCUITY", detail: true
        ) { $0.link.state.promiscuity.map(Double.init) },
        .gauge(
            "vexport_link_allmulticast", "How many users want all multicast frames.", source: "IFLA_ALLMULTI",
            detail: true
        ) { $0.link.state.allMulticast.map(Double.init) },
        .gauge(
            "vexport_link_transmit_queue_length", "Packets that the transmit queue takes.", source: "IFLA_TXQLEN",
            detail: true
        ) { $0.link.state.transmitQueueLength.map(Double.init) },
        .gauge("vexport_link_transmit_queues", "Transmit queues.", source: "IFLA_NUM_TX_QUEUES", detail: true) {
            $0.link.state.transmitQueues.map(Double.init)
        },
        .gauge("vexport_link_receive_queues", "Receive queues.", source: "IFLA_NUM_RX_QUEUES", detail: true) {
            $0.link.state.receiveQueues.map(Double.init)
        },
        .info(
            "vexport_link_info", "What the link is: kind, addresses, alias, and the bridge or other master it is in.",
            source: "IFLA_LINKINFO, IFLA_ADDRESS, IFLA_BROADCAST, IFLA_IFALIAS, IFLA_MASTER",
            labels: ["kind", "address", "broadcast", "alias", "master"]
        ) { link in
            [
                Label("kind", link.state.kind.name), Label("address", link.state.address),
                Label("broadcast", link.state.broadcast), Label("alias", link.state.alias),
                Label("master", link.masterName),
            ].compactMap(\.self)
        },
    ]

    private static let veth: [LinkMetric] = [
        .info(
            "vexport_veth_info",
            "The other end of the veth, where it is known, and its namespace: `peer_netns` is as `netns` is for the peer. "
                + "`workload` is who lives there.",
            source: "IFLA_LINK, IFLA_LINK_NETNSID, /proc/PID/ns/net",
            labels: ["peer", "peer_netns"] + WorkloadMetrics.labelNames
        ) { link in
            guard link.state.kind == .veth else { return nil }
            return [Label("peer", link.peer?.name), Label("peer_netns", link.peer?.namespace)].compactMap(\.self)
                + WorkloadMetrics.labels(link.workload)
        },
        .gauge(
            "vexport_veth_peer_in_other_namespace", "1 when the veth's other end is in another network namespace.",
            source: "IFLA_LINK_NETNSID"
        ) { record in
            guard record.link.state.kind == .veth, let peer = record.link.peer else { return nil }
            return peer.namespace == record.link.place.namespace ? 0 : 1
        },
    ]

    private static let tap: [LinkMetric] = [
        .info(
            "vexport_tap_info",
            "How the tap or tun was made: mode, the user and group ids that may attach, options. `workload` is who holds it.",
            source:
                "IFLA_TUN_TYPE, IFLA_TUN_OWNER, IFLA_TUN_GROUP, IFLA_TUN_MULTI_QUEUE, IFLA_TUN_VNET_HDR, IFLA_TUN_PI, "
                + "/proc/PID/fdinfo",
            labels: ["mode", "owner_uid", "group_gid", "multi_queue", "vnet_header", "packet_info"]
                + WorkloadMetrics.labelNames
        ) { link in
            guard let tun = link.state.tun else { return nil }
            return [
                Label("mode", link.state.kind.name), Label("owner_uid", tun.owner), Label("group_gid", tun.group),
                Label("multi_queue", tun.multiQueue), Label("vnet_header", tun.virtioNetHeader),
                Label("packet_info", tun.packetInformation),
            ].compactMap(\.self) + WorkloadMetrics.labels(link.workload)
        },
        .gauge(
            "vexport_tap_persistent", "1 when the tap or tun outlives the process that holds it.",
            source: "IFLA_TUN_PERSIST"
        ) { $0.link.state.tun?.persistent.map { $0 ? 1 : 0 } },
        .gauge(
            "vexport_tap_queues", "Queues in use, of a multi-queue tap.", source: "IFLA_TUN_NUM_QUEUES"
        ) { $0.link.state.tun?.queues.map(Double.init) },
        .gauge(
            "vexport_tap_disabled_queues", "Queues detached by their owner, of a multi-queue tap.",
            source: "IFLA_TUN_NUM_DISABLED_QUEUES"
        ) { $0.link.state.tun?.disabledQueues.map(Double.init) },
    ]

    private static let bridge: [LinkMetric] = [
        .info(
            "vexport_bridge_info", "The bridge's identifier and its root's.",
            source: "IFLA_BR_BRIDGE_ID, IFLA_BR_ROOT_ID", labels: ["bridge_id", "root_id"]
        ) {
            link in
            guard let bridge = link.state.bridge else { return nil }
            return [Label("bridge_id", bridge.bridgeID), Label("root_id", bridge.rootID)].compactMap(\.self)
        },
        .gauge(
            "vexport_bridge_stp_state", "Spanning tree: 0 off, 1 run by the kernel, 2 by a daemon.",
            source: "IFLA_BR_STP_STATE"
        ) { $0.link.state.bridge?.stp.map(Double.init) },
        .gauge("vexport_bridge_priority", "Bridge priority.", source: "IFLA_BR_PRIORITY", detail: true) {
            $0.link.state.bridge?.priority.map(Double.init)
        },
        .gauge(
            "vexport_bridge_root_port", "Port number towards the root bridge, 0 on the root itself.",
            source: "IFLA_BR_ROOT_PORT"
        ) { $0.link.state.bridge?.rootPort.map(Double.init) },
        .gauge("vexport_bridge_root_path_cost", "Path cost to the root bridge.", source: "IFLA_BR_ROOT_PATH_COST") {
            $0.link.state.bridge?.rootPathCost.map(Double.init)
        },
        .gauge("vexport_bridge_topology_change", "1 during a topology change.", source: "IFLA_BR_TOPOLOGY_CHANGE") {
            $0.link.state.bridge?.topologyChange.map { $0 ? 1 : 0 }
        },
        .gauge("vexport_bridge_forward_delay_seconds", "Forward delay.", source: "IFLA_BR_FORWARD_DELAY", detail: true)
        {
            $0.link.state.bridge?.forwardDelay?.seconds
        },
        .gauge("vexport_bridge_hello_time_seconds", "Hello time.", source: "IFLA_BR_HELLO_TIME", detail: true) {
            $0.link.state.bridge?.helloTime?.seconds
        },
        .gauge(
            "vexport_bridge_max_age_seconds", "Age at which a neighbour's bridge information is dropped.",
            source: "IFLA_BR_MAX_AGE", detail: true
        ) { $0.link.state.bridge?.maximumAge?.seconds },
        .gauge(
            "vexport_bridge_ageing_time_seconds", "Age at which a learned address is forgotten.",
            source: "IFLA_BR_AGEING_TIME", detail: true
        ) { $0.link.state.bridge?.ageingTime?.seconds },
        .gauge("vexport_bridge_vlan_filtering", "1 when the bridge filters VLANs.", source: "IFLA_BR_VLAN_FILTERING") {
            $0.link.state.bridge?.vlanFiltering.map { $0 ? 1 : 0 }
        },
        .gauge(
            "vexport_bridge_multicast_snooping", "1 when the bridge snoops IGMP and MLD.",
            source: "IFLA_BR_MCAST_SNOOPING"
        ) { $0.link.state.bridge?.multicastSnooping.map { $0 ? 1 : 0 } },
        .gauge(
            "vexport_bridge_fdb_learned_entries", "Forwarding entries learned, when last described. Since Linux 6.7.",
            source: "IFLA_BR_FDB_N_LEARNED"
        ) { $0.link.state.bridge?.learnedEntries.map(Double.init) },
        .gauge(
            "vexport_bridge_fdb_max_learned_entries", "Limit on them, 0 for none. Since Linux 6.7.",
            source: "IFLA_BR_FDB_MAX_LEARNED", detail: true
        ) { $0.link.state.bridge?.maximumLearnedEntries.map(Double.init) },
    ]

    private static let bridgePort: [LinkMetric] = [
        .info(
            "vexport_bridge_port_info", "The bridge that the link is a port of.", source: "IFLA_MASTER",
            labels: ["bridge"]
        ) { link in
            guard link.state.bridgePort != nil else { return nil }
            return [Label("bridge", link.masterName)].compactMap(\.self)
        },
        .gauge(
            "vexport_bridge_port_state", "Port state: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking.",
            source: "IFLA_BRPORT_STATE"
        ) { $0.link.state.bridgePort?.state.map(Double.init) },
        .gauge("vexport_bridge_port_number", "Port number in its bridge.", source: "IFLA_BRPORT_NO") {
            $0.link.state.bridgePort?.number.map(Double.init)
        },
        .gauge("vexport_bridge_port_path_cost", "Path cost.", source: "IFLA_BRPORT_COST") {
            $0.link.state.bridgePort?.cost.map(Double.init)
        },
        .gauge(
            "vexport_bridge_port_designated_cost", "Path cost of the designated bridge.",
            source: "IFLA_BRPORT_DESIGNATED_COST", detail: true
        ) { $0.link.state.bridgePort?.designatedCost.map(Double.init) },
        .gauge("vexport_bridge_port_priority", "Port priority.", source: "IFLA_BRPORT_PRIORITY", detail: true) {
            $0.link.state.bridgePort?.priority.map(Double.init)
        },
        .gauge(
            "vexport_bridge_port_hairpin", "1 when frames may leave where they came in.", source: "IFLA_BRPORT_MODE"
        ) { $0.link.state.bridgePort?.hairpin.map { $0 ? 1 : 0 } },
        .gauge(
            "vexport_bridge_port_bpdu_guard", "1 when BPDUs shut the port.", source: "IFLA_BRPORT_GUARD", detail: true
        ) {
            $0.link.state.bridgePort?.guarded.map { $0 ? 1 : 0 }
        },
        .gauge("vexport_bridge_port_learning", "1 when the port learns addresses.", source: "IFLA_BRPORT_LEARNING") {
            $0.link.state.bridgePort?.learning.map { $0 ? 1 : 0 }
        },
        .gauge(
            "vexport_bridge_port_unicast_flood", "1 when frames to unknown addresses are flooded to it.",
            source: "IFLA_BRPORT_UNICAST_FLOOD"
        ) { $0.link.state.bridgePort?.unicastFlood.map { $0 ? 1 : 0 } },
        .gauge(
            "vexport_bridge_port_isolated", "1 when it reaches only ports that are not isolated.",
            source: "IFLA_BRPORT_ISOLATED"
        ) { $0.link.state.bridgePort?.isolated.map { $0 ? 1 : 0 } },
    ]
}
