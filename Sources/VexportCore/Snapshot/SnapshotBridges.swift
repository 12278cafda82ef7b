extension Snapshot.Link {
    /// Adds what was read of a bridge or a port.
    mutating func take(_ reading: BridgeReading) {
        var counters: [String: UInt64] = [:]
        if let tree = reading.spanningTree {
            for (name, value) in zip(SpanningTreeCounters.names, tree.values) { counters[name] = value }
        }
        if let multicast = reading.multicast {
            counters["multicast_receive_bytes"] = multicast.bytes.0
            counters["multicast_receive_packets"] = multicast.packets.0
            counters["multicast_transmit_bytes"] = multicast.bytes.1
            counters["multicast_transmit_packets"] = multicast.packets.1
        }
        bridge?.counters = counters.isEmpty ? nil : counters
        bridgePort?.counters = counters.isEmpty ? nil : counters
        bridgePort?.learnedEntries = reading.forwarding?.learned
        bridgePort?.staticEntries = reading.forwarding?.fixed
        bridgePort?.addresses = reading.forwarding?.addresses.map { EscapedText(escaped: $0.description) }
    }
}
