import TestSupport
import Testing

@testable import LinkCollector
@testable import Netlink
@testable import VexportCore

/// What real bridges know and count, in vexport's own namespace and in others.
@Suite(.serialized) struct BridgeTests {
    /// A bridge that counts multicast and has a port with an address behind it, and one that somebody put in.
    private func build(_ namespace: Namespace) throws {
        try namespace.ipBatch([
            "link add br0 type bridge mcast_stats_enabled 1", "link set br0 up",
            "link add port0 type veth peer name guest0", "link set port0 master br0 up", "link set guest0 up",
            "link set guest0 address 02:00:00:00:00:11", "addr add 10.9.0.1/24 dev guest0",
        ])
        try namespace.run("bridge", "fdb", "add", "02:00:00:00:00:99", "dev", "port0", "master", "static")
    }

    /// Has the guest send until the bridge has learned of it, as `bridge` sees it.
    private func speak(_ namespace: Namespace) throws {
        try wait("the bridge to learn") {
            try namespace.run("bash", "-c", "ping -c 1 -W 0.05 -I guest0 10.9.0.9 > /dev/null; true")
            return try namespace.run("bridge", "fdb", "show", "br", "br0").contains("02:00:00:00:00:11 dev port0")
        }
    }

    @Test("a port's forwarding entries, spanning tree and multicast are on the page, wherever the bridge is")
    func everywhere() throws {
        let other = try Namespace()
        let watched = try Watched(scope: .all) { namespace in
            try self.build(namespace)
            try self.build(other)
            try namespace.ip("link set br0 type bridge stp_state 1")
        }
        try speak(other)
        for (namespace, labels) in [(watched.namespace, ""), (other, ",netns=\"\(other.name)\"")] {
            let port = "{device=\"port0\"\(labels)}"
            try wait("the entries of \(namespace.name)") {
                try watched.value("vexport_bridge_port_fdb_static_entries\(port)") == 1
            }
            let page = try watched.page()
            #expect(page.contains("vexport_bridge_port_blocking_transitions_total\(port)") == labels.isEmpty)
            #expect(page.contains("vexport_bridge_port_multicast_receive_packets_total\(port)"))
            #expect(page.contains("vexport_bridge_multicast_receive_packets_total{device=\"br0\"\(labels)}"))
            #expect(!page.contains("vexport_bridge_vlan_receive"))
        }
        let port = "{device=\"port0\",netns=\"\(other.name)\"}"
        try wait("what the bridge has learned") {
            try watched.value("vexport_bridge_port_fdb_learned_entries\(port)") == 1
        }
        #expect(try watched.value("vexport_collector_success{collector=\"bridges\"}") == 1)
        try Command.run(["promtool", "check", "metrics"], input: try watched.page())

        // No descriptor stays behind: the namespace dies with its name.
        try Command.run("ip", "netns", "del", other.name)
        try wait("the end of the namespace") { watched.id(of: other) == nil }
        try wait("its bridge to go") { try !watched.page().contains(port) }
    }

    @Test("a spanning tree's counters are those that the kernel shows")
    func spanningTree() throws {
        let watched = try Watched { namespace in
            try self.build(namespace)
            try namespace.ip("link set br0 type bridge stp_state 1 hello_time 100")
        }
        try wait("messages of the spanning tree") {
            try watched.value("vexport_bridge_port_transmit_bpdus_total{device=\"port0\"}") ?? 0 >= 2
        }
        let read = try #require(try watched.value("vexport_bridge_port_transmit_bpdus_total{device=\"port0\"}"))
        let shown = try watched.namespace.ip("-s -d link xstats type bridge_slave dev port0")
        let sent = try #require(shown.firstMatch(of: /STP BPDU:\s+RX: \d+ TX: (\d+)/).flatMap { Double($0.1) })
        #expect(read...(read + 5) ~= sent)
    }

    @Test("of very many entries so many are counted, and no more are waited for")
    func bounded() throws {
        let namespace = try Namespace()
        try build(namespace)
        let entries = (0..<3000).map {
            "fdb add 02:00:00:01:\(hex($0 >> 8)):\(hex($0 & 255)) dev port0 master static"
        }
        try Command.run(
            ["ip", "netns", "exec", namespace.name, "bridge", "-batch", "-"],
            input: entries.joined(separator: "\n") + "\n")
        let (whole, cut) = try namespace.inside {
            var counts = (0, 0)
            let whole = try NetlinkSocket().dumpForwarding(limit: 100_000) { if $0.isStatic { counts.0 += 1 } }
            let cut = try NetlinkSocket().dumpForwarding(limit: 1000) { if $0.isStatic { counts.1 += 1 } }
            return ((whole, counts.0), (cut, counts.1))
        }
        #expect(whole.0 == .complete && whole.1 == 3001)
        #expect(cut.0 == .cut && (900...2000).contains(cut.1))
    }

    private func hex(_ byte: Int) -> String { String(byte + 256, radix: 16).suffix(2).lowercased() }
}
