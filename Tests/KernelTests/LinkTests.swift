import Foundation
import TestSupport
import Testing

@testable import LinkCollector
@testable import VexportCore

/// Real links in a namespace of each test's own; each ends with an inventory equal to `ip -j -d link`.
@Suite(.serialized) struct LinkTests {
    @Test("links that are there at the start, of every kind that this kernel makes")
    func initial() throws {
        let watched = try Watched { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge stp_state 1 forward_delay 400", "link set br0 up",
                "link add veth0 type veth peer name veth1", "link set veth0 master br0 up", "link set veth1 up",
                "tuntap add dev tap0 mode tap user 0", "tuntap add dev tun0 mode tun",
                "tuntap add dev tapmq mode tap multi_queue vnet_hdr", "link add vxlan7 type vxlan id 7 dstport 4789",
                "link add macvlan0 link veth1 type macvlan", "link add ifb0 type ifb",
                "link property add dev veth0 altname another-name", "link set veth1 alias far",
            ])
        }
        try watched.expectEqualToIP()
        #expect(watched.link("tap0")?.state.kind == .tap)
        #expect(watched.link("tun0")?.state.kind == .tun)
        #expect(watched.link("vxlan7")?.state.kind == .other("vxlan"))
        #expect(watched.link("tap0")?.state.tun?.persistent == true)
    }

    @Test("a veth pair is created, renamed, flapped and deleted")
    func vethLife() throws {
        let watched = try Watched()
        try watched.namespace.ip("link add near type veth peer name far")
        try watched.expectEqualToIP("created")
        let born = try #require(watched.link("near")?.identity)
        try watched.namespace.ip("link set near up")
        try watched.namespace.ip("link set far up")
        try watched.expectEqualToIP("up")
        try watched.namespace.ip("link set near name renamed")
        try watched.expectEqualToIP("renamed")
        #expect(watched.link("renamed")?.identity == born)
        for _ in 0..<5 {
            try watched.namespace.ip("link set far down")
            try watched.namespace.ip("link set far up")
        }
        try watched.expectEqualToIP("flapped", seconds: 70)
        try watched.namespace.ip("link del renamed")
        try watched.expectEqualToIP("deleted")
        try watched.namespace.ip("link add renamed type veth peer name far")
        try watched.expectEqualToIP("created again")
        #expect(watched.link("renamed")?.identity != born)
        #expect(try watched.page().contains(#"vexport_veth_info{device="renamed",peer="far"} 1"#))
    }

    @Test("a port of a bridge is enslaved, forwards, is released and goes with its bridge")
    func bridgeLife() throws {
        let watched = try Watched()
        let namespace = watched.namespace
        try namespace.ipBatch(["link add br0 type bridge", "link set br0 up", "link add near type veth peer name far"])
        try namespace.ipBatch(["link set near up", "link set far up", "link set near master br0"])
        try watched.expectEqualToIP("enslaved")
        #expect(try watched.value(#"vexport_bridge_port_state{device="near"}"#) == 3)
        try namespace.ip("link set near type bridge_slave cost 9 priority 3 hairpin on isolated on")
        try namespace.ip("link set br0 type bridge forward_delay 700 ageing_time 1000 priority 4096")
        try watched.expectEqualToIP("tuned")
        try namespace.ip("link set near nomaster")
        try watched.expectEqualToIP("released")
        #expect(try watched.value(#"vexport_bridge_port_state{device="near"}"#) == nil)
        try namespace.ipBatch(["link set near master br0", "link set far master br0", "link del br0"])
        try watched.expectEqualToIP("bridge deleted")
    }

    @Test("a tap is made, attached, left and deleted")
    func tapLife() throws {
        let watched = try Watched()
        let namespace = watched.namespace
        try namespace.ip("tuntap add dev tap0 mode tap")
        try namespace.ip("link set tap0 up")
        try watched.expectEqualToIP("made")
        #expect(try watched.value(#"vexport_tap_persistent{device="tap0"}"#) == 1)
        #expect(try watched.value(#"vexport_link_carrier{device="tap0"}"#) == 0)
        let holder = try Background(
            [
                "ip", "netns", "exec", namespace.name, "python3", Repository.root.path + "/Tests/Scenes/taphold.py",
                "tap0",
            ])
        try holder.waitForLine("ready")
        try wait("the carrier") { try watched.value(#"vexport_link_carrier{device="tap0"}"#) == 1 }
        try watched.expectEqualToIP("attached")
        holder.kill()
        try wait("the loss of carrier") { try watched.value(#"vexport_link_carrier{device="tap0"}"#) == 0 }
        try watched.expectEqualToIP("left")
        try namespace.ip("tuntap del dev tap0 mode tap")
        try watched.expectEqualToIP("deleted")
    }

    @Test("the far end of a veth goes to another namespace and comes back")
    func move() throws {
        let watched = try Watched()
        let other = try Namespace()
        try watched.namespace.ip("link add near type veth peer name far")
        try watched.namespace.ip("link set far netns \(other.name)")
        try watched.expectEqualToIP("moved")
        #expect(try watched.value(#"vexport_veth_peer_in_other_namespace{device="near"}"#) == 1)
        try other.ip("link set far netns \(watched.namespace.name)")
        try watched.expectEqualToIP("came back")
        #expect(try watched.value(#"vexport_veth_peer_in_other_namespace{device="near"}"#) == 0)
    }

    @Test("a thousand links at once, renamed and deleted")
    func thousand() throws {
        let watched = try Watched()
        let namespace = watched.namespace
        try namespace.ipBatch((0..<500).map { "link add a\($0) type veth peer name far\($0)" })
        try watched.expectEqualToIP("created")
        #expect(watched.inventory.links.count == 1001)
        try namespace.ipBatch((0..<500).flatMap { ["link set a\($0) name c\($0)", "link set c\($0) up"] })
        try watched.expectEqualToIP("renamed")
        try namespace.ipBatch((0..<500).map { "link del c\($0)" })
        try watched.expectEqualToIP("deleted")
        #expect(watched.inventory.links.count == 1)
    }

    @Test("counters equal those of ip, byte for byte")
    func counters() throws {
        let watched = try Watched()
        let (namespace, other) = (watched.namespace, try Namespace())
        try namespace.ip("link add near type veth peer name far netns \(other.name)")
        try namespace.ipBatch(["addr add 10.1.0.1/24 dev near", "link set near up"])
        try other.ipBatch(["addr add 10.1.0.2/24 dev far", "link set far up"])
        try namespace.run("ping", "-c", "20", "-i", "0.01", "-s", "1000", "10.1.0.2")
        let json = try namespace.ip("-s -s -j link show dev near")
        let page = try watched.page()
        let stats = try IPCounters(json)
        func value(_ metric: String) -> Double? {
            page.split(separator: "\n").first { $0.hasPrefix("\(metric){device=\"near\"} ") }
                .flatMap { Double($0.split(separator: " ").last!) }
        }
        #expect(stats.receive["bytes"]! > 10_000)
        for (metric, field) in [
            ("bytes", "bytes"), ("packets", "packets"), ("errors", "errors"), ("dropped_packets", "dropped"),
            ("multicast_packets", "multicast"), ("length_errors", "length_errors"), ("crc_errors", "crc_errors"),
            ("frame_errors", "frame_errors"), ("fifo_errors", "fifo_errors"), ("missed_errors", "missed_errors"),
        ] { #expect(value("vexport_link_receive_\(metric)_total") == stats.receive[field], "\(metric)") }
        for (metric, field) in [
            ("bytes", "bytes"), ("packets", "packets"), ("errors", "errors"), ("dropped_packets", "dropped"),
            ("collisions", "collisions"), ("aborted_errors", "aborted_errors"), ("carrier_errors", "carrier_errors"),
            ("fifo_errors", "fifo_errors"), ("window_errors", "window_errors"),
            ("heartbeat_errors", "heartbeat_errors"),
        ] { #expect(value("vexport_link_transmit_\(metric)_total") == stats.transmit[field], "\(metric)") }
    }

    @Test("a collector leaves no descriptor behind")
    func descriptors() throws {
        // By what they refer to: other tests open and close descriptors meanwhile.
        func sockets(_ descriptors: [String]) -> Set<String> {
            Set(
                descriptors.compactMap {
                    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
                })
        }
        var made: Set<String> = []
        do {
            let collector = try Watched().collector
            let ends = [collector.eventWakeUp, collector.dumpWakeUp].flatMap { [$0.readEnd, $0.writeEnd] }
            made = sockets((ends + [collector.eventSocket, collector.dumpSocket].map(\.descriptor)).map(String.init))
        }
        #expect(made.count == 6)
        try wait("its descriptors to be closed") {
            sockets(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).isDisjoint(with: made)
        }
    }
}
