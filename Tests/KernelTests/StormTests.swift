import Foundation
import TestSupport
import Testing

@testable import LinkCollector
@testable import VexportCore

/// More changes than the kernel tells, or anybody can follow. `make soak` runs them for longer.
@Suite(.serialized) struct StormTests {
    /// A thousand veths, all up, `near<n>` and `far<n>`.
    private static func thousand(_ namespace: Namespace) throws {
        try namespace.ipBatch((0..<1000).map { "link add near\($0) type veth peer name far\($0)" })
        try namespace.ipBatch(
            (0..<1000).flatMap { ["link set near\($0) up", "link set far\($0) up"] })
    }

    @Test("a thousand links are flapped as fast as the kernel goes", arguments: ["near", "far"])
    func flap(_ end: String) throws {
        let storm = try Storm(Self.thousand)
        _ = try storm.run(["flap", end, "1000", "1"])
        try storm.rememberResources()
        let done = try storm.run(["flap", end, "1000", isSoak ? "60" : "2"])
        try storm.expectCalm()
        print("storm: \(end) ends, \(done): \(try storm.netlinkFigures())")
    }

    /// Without dumps during the storm it takes 7 s and more.
    @Test("a thousand carriers that go at once are known long before the kernel has told of each")
    func carriers() throws {
        let watched = try Watched { namespace in
            try Self.thousand(namespace)
            try namespace.ipBatch((0..<1000).map { "link set far\($0) group 7" })
        }
        func carriers() -> Int {
            watched.inventory.links.values.filter {
                $0.state.name.description.hasPrefix("near") && $0.state.carrier.isUp == true
            }.count
        }
        try wait("all carriers", seconds: 30) { carriers() == 1000 }
        let start = ContinuousClock.now
        try watched.namespace.ip("link set group 7 down")
        try wait("the last carrier to go", seconds: 4) { carriers() == 0 }
        print("storm: a thousand carriers known after \((ContinuousClock.now - start) / .milliseconds(1)) ms")
        try watched.expectEqualToIP("when all is told", seconds: 60)
    }

    @Test("a thousand links a second come and go, and few messages fit the buffer", arguments: [nil, "br0"])
    func churn(_ bridge: String?) throws {
        let storm = try Storm(receiveBuffer: 4096) { namespace in
            try namespace.ipBatch(["link add br0 type bridge", "link set br0 up"])
        }
        let place = bridge.map { [$0] } ?? []
        _ = try storm.run(["churn", "early", "1000", "1"] + place)
        try storm.rememberResources()
        let done = try storm.run(["churn", "c", "1000", isSoak ? "60" : "3"] + place)
        try storm.expectCalm()
        #expect(storm.statistics.overruns > 0)
        print("storm: churn\(bridge.map { " in \($0)" } ?? ""), \(done): \(try storm.netlinkFigures())")
    }

    @Test("a namespace with three thousand peers goes while four clients scrape")
    func teardown() throws {
        let other = try Namespace()
        let storm = try Storm { namespace in
            try namespace.ipBatch(
                (0..<3000).map { "link add near\($0) type veth peer name far\($0) netns \(other.name)" })
        }
        let scrapers = try Scrapers(4, in: storm.namespace, port: 10119)
        try wait("some scrapes") { scrapers.count > 20 }
        try Command.run("ip", "netns", "del", other.name)
        try wait("the links to go", seconds: 60) { storm.watched.inventory.links.count == 1 }
        let latencies = try scrapers.stop()
        try storm.expectCalm()
        print("storm: three thousand peers torn down, \(latencies): \(try storm.netlinkFigures())")
        #expect(latencies.worst < 5)
    }

    @Test("while somebody holds the kernel's lock scrapes get the last frame, and afterwards new ones again")
    func lockHeld() throws {
        let storm = try Storm { try $0.ip("link add near type veth peer name far") }
        let holder = try Scene.start("rtnlhold", "near", "4", in: storm.namespace)
        try holder.waitForLine("held")
        // A reading under way when the lock was taken may still end.
        try wait("the last reading to age") { try storm.page()["vexport_tick_age_seconds"]! > 0.3 }
        let first = try storm.page()
        let scrapers = try Scrapers(4, in: storm.namespace, port: 10119)
        try wait("ten scrapes of each") { scrapers.count >= 40 }
        let latencies = try scrapers.stop()
        let last = try storm.page()
        #expect(holder.isRunning)
        try holder.waitForLine("released")
        print("storm: with RTNL held, \(latencies)")
        #expect(latencies.median < 0.3)
        #expect(latencies.worst < 1)
        let timestamp: Substring = "vexport_tick_timestamp_seconds"
        #expect(first[timestamp] == last[timestamp])
        #expect(last["vexport_tick_age_seconds"]! > 2)
        // One dump waits for the lock, on the one thread that dumps: none has ended, and no thread came to wait as well.
        for series in [
            "vexport_netlink_dumps_total{type=\"link\"}", "vexport_netlink_dumps_total{type=\"stats\"}",
            "process_threads",
        ] as [Substring] { #expect(first[series] == last[series], "\(series)") }
        try wait("a new frame", seconds: 5) { try storm.page()[timestamp]! > last[timestamp]! + 2 }
        let dumps: Substring = "vexport_netlink_dumps_total{type=\"stats\"}"
        try #expect(storm.page()[dumps]! < last[dumps]! + 10, "what was missed is not made up for")
        try storm.expectCalm()
    }
}
