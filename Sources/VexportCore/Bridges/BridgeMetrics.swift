/// The rows of the catalogue that are read of bridges and their ports now and then.
public enum BridgeMetrics {
    public static let all = port + bridge

    /// Those that a link may have.
    static func of(_ link: Link) -> [BridgeMetric] {
        if link.state.bridge != nil { return bridge }
        return link.state.bridgePort != nil ? port : []
    }

    /// Of ports.
    static let port: [BridgeMetric] = [
        .entries(
            "vexport_bridge_port_fdb_learned_entries", "Addresses that the bridge has learned behind the port.",
            \.learned),
        .entries(
            "vexport_bridge_port_fdb_static_entries",
            "Addresses that somebody told the bridge to send there, which do not age.", \.fixed),
        .spanningTree(
            "vexport_bridge_port_blocking_transitions_total", 0, "Times the port began to block.",
            source: "transition_blk"),
        .spanningTree(
            "vexport_bridge_port_forwarding_transitions_total", 1, "Times the port began to forward.",
            source: "transition_fwd"),
        .spanningTree(
            "vexport_bridge_port_receive_bpdus_total", 2, "Spanning tree messages received.", source: "rx_bpdu",
            detail: true),
        .spanningTree(
            "vexport_bridge_port_transmit_bpdus_total", 3, "Spanning tree messages sent.", source: "tx_bpdu",
            detail: true),
        .spanningTree(
            "vexport_bridge_port_receive_topology_changes_total", 4,
            "Topology changes that others announced to the port.", source: "rx_tcn"),
        .spanningTree(
            "vexport_bridge_port_transmit_topology_changes_total", 5, "Topology changes announced through the port.",
            source: "tx_tcn"),
        .multicast("vexport_bridge_port_multicast_receive_bytes_total", "Multicast bytes received by the port.") {
            $0.bytes.0
        },
        .multicast("vexport_bridge_port_multicast_receive_packets_total", "Multicast packets received by the port.") {
            $0.packets.0
        },
        .multicast("vexport_bridge_port_multicast_transmit_bytes_total", "Multicast bytes sent by the port.") {
            $0.bytes.1
        },
        .multicast("vexport_bridge_port_multicast_transmit_packets_total", "Multicast packets sent by the port.") {
            $0.packets.1
        },
        .messages("vexport_bridge_port_multicast_receive_messages_total", "received by the port.") { $0.received($1) },
        .messages("vexport_bridge_port_multicast_transmit_messages_total", "sent by the port.") { $0.sent($1) },
        .errors("vexport_bridge_port_multicast_parse_errors_total", "received by the port."),
    ]

    /// Of bridges.
    static let bridge: [BridgeMetric] = [
        .multicast("vexport_bridge_multicast_receive_bytes_total", "Multicast bytes received by the bridge itself.") {
            $0.bytes.0
        },
        .multicast("vexport_bridge_multicast_receive_packets_total", "Multicast packets received by the bridge itself.")
        {
            $0.packets.0
        },
        .multicast("vexport_bridge_multicast_transmit_bytes_total", "Multicast bytes sent by the bridge itself.") {
            $0.bytes.1
        },
        .multicast("vexport_bridge_multicast_transmit_packets_total", "Multicast packets sent by the bridge itself.") {
            $0.packets.1
        },
        .messages("vexport_bridge_multicast_receive_messages_total", "received by the bridge itself.") {
            $0.received($1)
        },
        .messages("vexport_bridge_multicast_transmit_messages_total", "sent by the bridge itself.") { $0.sent($1) },
        .errors("vexport_bridge_multicast_parse_errors_total", "received by the bridge itself."),
        .vlan("vexport_bridge_vlan_receive_bytes_total", "Bytes received in the VLAN.", \.receivedBytes),
        .vlan("vexport_bridge_vlan_receive_packets_total", "Packets received in the VLAN.", \.receivedPackets),
        .vlan("vexport_bridge_vlan_transmit_bytes_total", "Bytes sent in the VLAN.", \.sentBytes),
        .vlan("vexport_bridge_vlan_transmit_packets_total", "Packets sent in the VLAN.", \.sentPackets),
    ]
}
