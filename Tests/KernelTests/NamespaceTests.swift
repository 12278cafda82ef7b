import Foundation
import TestSupport
import Testing

@testable import LinkCollector
@testable import VexportCore

/// Real namespaces and the links in them; each test ends with what `ip -j -d link` says in all of its own.
@Suite(.serialized) struct NamespaceTests {
    @Test("namespaces that are there at the start, and one that comes later, with links of every kind")
    func life() throws {
        let other = try Namespace()
        let watched = try Watched(scope: .all) { namespace in
            try namespace.ip("link add near type veth peer name far netns \(other.name)")
            try other.ipBatch([
                "link add br0 type bridge", "link set far master br0", "tuntap add dev tap0 mode tap",
                "link add in1 type veth peer name in2",
            ])
        }
        try watched.expectEqualToIP(in: [other], "at the start")
        let later = try Namespace()
        try watched.namespace.ip("link add near2 type veth peer name far netns \(later.name)")
        try watched.expectEqualToIP(in: [other, later], "later")
        try other.ip("link add between type veth peer name between netns \(later.name)")
        try later.ipBatch(["link set between up", "link set far up", "link set far name eth0"])
        try other.ip("link set between up")
        try watched.namespace.ip("link set near2 up")
        try watched.expectEqualToIP(in: [other, later], "between two others")
        try later.ip("link del between")
        try watched.expectEqualToIP(in: [other, later], "deleted")
    }

    @Test("a link that goes through namespaces and comes back keeps its identity and its slot")
    func moves() throws {
        let watched = try Watched(scope: .all)
        let (second, third) = (try Namespace(), try Namespace())
        try watched.namespace.ip("link add near type veth peer name far")
        try wait("the pair") { watched.link("far")?.peer != nil }
        let born = try #require(watched.link("far"))
        func expectSame(_ link: Link?, _ comment: Comment) throws {
            #expect(link?.identity == born.identity, comment)
            #expect(link?.slot == born.slot, comment)
            #expect(watched.link("near")?.peer == link?.place, comment)
        }
        try watched.namespace.ip("link set far netns \(second.name)")
        try watched.expectEqualToIP(in: [second, third], "away")
        try expectSame(watched.link("far", in: second), "away")
        try second.ip("link set far netns \(third.name)")
        try watched.expectEqualToIP(in: [second, third], "on")
        try expectSame(watched.link("far", in: third), "on")
        try third.ip("link set far name eth0")
        try third.ip("link set eth0 netns \(watched.namespace.name)")
        try watched.expectEqualToIP(in: [second, third], "home")
        try expectSame(watched.link("eth0"), "home")
    }

    @Test("a tap that goes from one other namespace to another is the same")
    func tapMoves() throws {
        let watched = try Watched(scope: .all)
        let (second, third) = (try Namespace(), try Namespace())
        try second.ip("tuntap add dev tap0 mode tap")
        try wait("the tap") { watched.link("tap0", in: second) != nil && watched.id(of: third) != nil }
        let born = try #require(watched.link("tap0", in: second)?.identity)
        try second.ip("link set tap0 netns \(third.name)")
        try watched.expectEqualToIP(in: [second, third])
        #expect(watched.link("tap0", in: third)?.identity == born)
    }

    @Test("equal names and indexes everywhere are told apart")
    func twins() throws {
        let others = try (0..<4).map { _ in try Namespace() }
        let watched = try Watched(scope: .all)
        for other in others {
            try other.ip("link add eth0 index 7 address 02:00:00:00:00:01 type veth peer name eth1 index 8")
        }
        try watched.expectEqualToIP(in: others)
        try others[0].ip("link set eth1 netns \(others[1].name) name eth9")
        try others[2].ip("link set eth0 netns \(others[3].name) name eth9")
        try watched.expectEqualToIP(in: others, "crossed")
    }

    @Test("a peer is found where its namespace has another number in each table")
    func tables() throws {
        let others = try (0..<5).map { _ in try Namespace() }
        let watched = try Watched(scope: .all)
        // The third gives its numbers in another order than vexport.
        for other in others.reversed() { try others[2].ip("netns set \(other.name) auto") }
        for (number, other) in others.enumerated() where number != 2 {
            try others[2].ip("link add near\(number) type veth peer name far netns \(other.name)")
        }
        try watched.expectEqualToIP(in: others, "created")
        for number in [0, 1, 3, 4] { try others[2].ip("link set near\(number) up") }
        try watched.expectEqualToIP(in: others, "up")
        try others[0].ip("link set far netns \(others[1].name) name moved")
        try watched.expectEqualToIP(in: others, "moved")
    }

    @Test("a namespace of a process without a name, and one of a mere thread, come and go with them")
    func anonymous() throws {
        let watched = try Watched(scope: .all)
        let process = try Background(["unshare", "-n", "sh", "-c", "echo ready; exec sleep 600"])
        try process.waitForLine("ready")
        func inode(_ path: String) throws -> UInt64 {
            try #require(FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64)
        }
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process.pid)/ns/net")
        let number = try #require(UInt64(target.drop { !$0.isNumber }.prefix { $0.isNumber }))
        try watched.namespace.ip("link add near type veth peer name far netns \(process.pid)")
        func known(_ inode: UInt64) -> NetworkNamespace? {
            watched.inventory.namespaces.all.first { $0.file?.inode == inode }
        }
        try wait("its file") { known(number)?.label != nil }
        #expect(known(number)?.label?.description == "net:[\(number)]")
        try wait("the link inside") {
            known(number).map { watched.inventory.links(in: $0.id).count } == 2
        }
        try wait("the label") {
            try watched.page().contains(#"vexport_veth_info{device="near",peer="far",peer_netns="net:[\#(number)]"} 1"#)
        }
        let thread = try Background(["python3", Repository.root.path + "/Tests/Scenes/holdns.py", "thread", "-"])
        let word = try thread.waitForLine("ready").split(separator: " ").last.map(String.init)
        let other = try #require(word.flatMap { UInt64($0) })
        try wait("the thread's namespace", seconds: 10) { known(other) != nil }
        process.kill()
        thread.kill()
        try wait("both ends") { known(number) == nil && known(other) == nil }
        try watched.expectEqualToIP("afterwards")
    }

    @Test("a namespace inside another, which has no name and numbers of its own, and a pair between the two")
    func nested() throws {
        let watched = try Watched(scope: .all)
        let outer = try Namespace()
        let process = try Background([
            "ip", "netns", "exec", outer.name, "unshare", "-Urn", "sh", "-c", "echo ready; exec sleep 600",
        ])
        try process.waitForLine("ready")
        try outer.ip("link add near type veth peer name far netns \(process.pid)")
        try wait("the link inside") {
            let link = watched.link("near", in: outer)
            guard let place = link?.peer, place.namespace != link?.place.namespace else { return false }
            return watched.inventory[place]?.state.name == "far"
        }
        let inner = try #require(watched.link("near", in: outer)?.peer?.namespace)
        try wait("its label") { watched.inventory.namespaces[inner]?.label?.description.hasPrefix("net:[") == true }
        process.kill()
        try wait("its end") { watched.inventory.namespaces[inner] == nil && watched.link("near", in: outer) == nil }
        try watched.expectEqualToIP(in: [outer], "afterwards")
    }

    @Test("namespaces that are deleted while they are dumped leave nothing behind")
    func deletedInMidDump() throws {
        let watched = try Watched(scope: .all)
        for round in 0..<3 {
            let doomed = try (0..<3).map { _ in try Namespace() }
            for (number, namespace) in doomed.enumerated() {
                try watched.namespace.ipBatch(
                    (0..<50).map { "link add n\(number)x\($0) type veth peer name f\($0) netns \(namespace.name)" })
            }
            // Dumps of all go on while the namespaces go.
            let deletion = try Background(["ip", "-batch", "-"])
            deletion.write(doomed.map { "netns delete \($0.name)\n" }.joined())
            deletion.closeInput()
            while deletion.isRunning {
                watched.collector.state.withLock { $0.schedule.requestDump(at: .now) }
                watched.collector.dumpWakeUp.signal()
            }
            #expect(deletion.stop() == 0)
            try watched.expectEqualToIP("round \(round)")
            try wait("all of them to be forgotten") { doomed.allSatisfy { watched.id(of: $0) == nil } }
        }
        #expect(watched.collector.state.withLock { $0.statistics }.failedDumps == 0)
    }

    @Test(
        "a namespace that has lost its name is known as long as something holds it",
        arguments: ["fd", "udp", "netlink", "tun", "mount"])
    func held(_ mode: String) throws {
        let watched = try Watched(scope: .all)
        let namespace = try Namespace()
        try watched.namespace.ip("link add near type veth peer name far netns \(namespace.name)")
        try watched.expectEqualToIP(in: [namespace])
        let id = try #require(watched.id(of: namespace))
        let holder = try Background([
            "python3", Repository.root.path + "/Tests/Scenes/holdns.py", mode, namespace.name,
        ])
        try holder.waitForLine("ready")
        try Command.run("ip", "netns", "del", namespace.name)
        try wait("the name to go") { watched.inventory.namespaces[id]?.names == [] }
        try watched.namespace.ip("link set near up")
        try wait("an event") { watched.link("near")?.state.flags.contains(.up) == true }
        #expect(watched.inventory.namespaces[id]?.label == EscapedText(namespace.name.utf8))
        #expect(watched.inventory.links(in: id).contains { $0.state.name == "far" })
        holder.closeInput()
        if mode != "mount" { holder.kill() }
        try wait("its end") { watched.inventory.namespaces[id] == nil }
        try watched.expectEqualToIP("afterwards")
        #expect(watched.link("near") == nil)
    }

    @Test("an empty file that `ip netns add` inside `ip netns exec` leaves is no namespace")
    func emptyFile() throws {
        let watched = try Watched(scope: .all)
        let namespace = try Namespace()
        let inner = namespace.name + "-in"
        let process = try Background([
            "ip", "netns", "exec", namespace.name, "sh", "-c", "ip netns add \(inner) && echo ready && exec sleep 600",
        ])
        defer { unlink("/run/netns/\(inner)") }
        try process.waitForLine("ready")
        let later = try Namespace()
        try wait("what came later") { watched.id(of: later) != nil }
        #expect(watched.id(named: inner) == nil)
        process.kill()
    }

    @Test("no descriptor refers to another namespace, and namespaces die as soon as they are deleted")
    func nothingHeld() throws {
        let others = try (0..<20).map { _ in try Namespace() }
        let watched = try Watched(scope: .all)
        try watched.namespace.ipBatch(
            others.enumerated().map { "link add near\($0) type veth peer name far netns \($1.name)" })
        try watched.expectEqualToIP(in: others)
        let device = try NamespaceReader(socket: watched.collector.dumpSocket).device
        for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            var status = stat()
            guard fstat(Int32(descriptor)!, &status) == 0 else { continue }
            #expect(UInt64(status.st_dev) != device, "descriptor \(descriptor) is a namespace's")
        }
        for other in others { try Command.run("ip", "netns", "del", other.name) }
        try wait("the ends in vexport's namespace to go with their peers") {
            try ipLinks(watched.namespace.ip("-j -d link")).count == 1
        }
        try wait("them to be forgotten") { others.allSatisfy { watched.id(of: $0) == nil } }
        try watched.expectEqualToIP()
    }

    @Test("links of other namespaces have counters equal to those of ip; the far end of a pair has none")
    func counters() throws {
        let (other, third) = (try Namespace(), try Namespace())
        try other.ipBatch([
            "link add in1 type veth peer name in2", "link set in1 up", "link set in2 up",
            "addr add 10.1.0.1/24 dev in1",
            "link add br0 type bridge", "link set br0 up", "link set in2 master br0", "addr add 10.1.0.2/24 dev br0",
            "tuntap add dev tap0 mode tap",
        ])
        let watched = try Watched(scope: .all) { namespace in
            try namespace.ip("link add near type veth peer name far netns \(other.name)")
            try third.ip("link add across type veth peer name across netns \(other.name)")
        }
        let labels = "netns=\"\(other.name)\""
        func value(_ metric: String, _ device: String) throws -> Double? {
            try watched.value("vexport_link_\(metric)_total{device=\"\(device)\",\(labels)}")
        }
        try wait("the namespaces to be known") { watched.id(of: third) != nil }
        try other.run("bash", "-c", "ping -c 3 -i 0.01 -W 1 10.1.0.9; true")  // nobody is there
        for device in ["in1", "in2", "br0", "tap0"] {
            try wait("the counters of \(device)") {
                let ip = try IPCounters(try other.ip("-s -s -j link show dev \(device)"))
                return try value("receive_bytes", device) == ip.receive["bytes"]
                    && value("transmit_packets", device) == ip.transmit["packets"]
                    && value("transmit_dropped_packets", device) == ip.transmit["dropped"]
            }
        }
        #expect(try value("transmit_packets", "in1")! > 0)
        let readings = try #require(watched.collector.sampler.withLock { $0 }?.statistics)
        #expect(readings.visits > 0 && readings.dumpsFromAfar == 0 && readings.failures == 0)
        let page = try watched.page()
        #expect(!page.contains("device=\"far\","))
        #expect(page.split(separator: "\n").count { $0.hasPrefix("vexport_link_admin_up{device=\"across\"") } == 1)
        #expect(
            page.split(separator: "\n").count { $0.hasPrefix("vexport_link_receive_bytes_total{device=\"across\"") }
                == 1)
        let lines = page.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } }
        #expect(Set(lines).count == lines.count, "a series is there twice")
        try Command.run(["promtool", "check", "metrics"], input: page)
    }

    @Test("an event in any namespace is known within 20 ms")
    func latency() throws {
        let others = try (0..<3).map { _ in try Namespace() }
        let watched = try Watched(scope: .all)
        for other in others { try other.ip("link add ifb7 type ifb") }
        try watched.expectEqualToIP(in: others)
        let tools = try others.map { try Background(["ip", "-n", $0.name, "-batch", "-"]) }
        var latencies: [Duration] = []
        for round in 0..<100 {
            let start = ContinuousClock.now
            tools[round % 3].write("link set ifb7 mtu \(1000 + round)\n")
            while watched.link("ifb7", in: others[round % 3])?.state.mtu != UInt32(1000 + round) {
                if ContinuousClock.now - start > .seconds(5) { break }
            }
            latencies.append(ContinuousClock.now - start)
        }
        for tool in tools { tool.closeInput() }
        let sorted = latencies.sorted()
        print(
            "namespaces: an event is known after \(sorted[50] / .milliseconds(1)) ms, p99 \(sorted[98] / .milliseconds(1)) ms"
        )
        #expect(sorted[50] < .milliseconds(20))
    }
}
