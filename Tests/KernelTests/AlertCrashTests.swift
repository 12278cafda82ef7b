import Foundation
import TestSupport
import Testing

/// What becomes of alerts when the program is killed.
@Suite(.serialized) struct AlertCrashTests {
    @Test("killed over and over under load, it delivers all that it committed to, each alert and each end")
    func killed() throws {
        let kills = isSoak ? 100 : 10
        let seed = UInt64.random(in: 0..<1_000_000)
        print("alerts: \(kills) kills, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let site = try AlertSite()
        // A receiver that fails now and then is what leaves messages in the outbox.
        @Sendable func isRefused(_ number: Int) -> Bool { number % 3 == 2 }
        let server = try site.server { _, count in isRefused(count) ? .status(500) : .status(200) }
        defer { server.stop() }
        try site.configure(
            """
            sampling: {interval: 100ms}
            \(AlertSite.level)
            route: {receiver: ops, group_by: [...], group_wait: 0s, group_interval: 1s}
            receivers: [{name: ops, webhook: [{url: "\(server.url)"}]}]
            """)
        try site.addPairs(20)
        /// What the receiver took, in order.
        func taken() -> [ToldAlert] {
            server.requests.enumerated().filter { !isRefused($0.offset) }.flatMap(\.element.alerts)
        }
        func last() -> [String: String] {
            Dictionary(taken().map { ($0.device, $0.status) }, uniquingKeysWith: { $1 })
        }
        var down: Set<Int> = []
        var committed: Set<ToldAlert> = []
        for _ in 0..<kills {
            let daemon = try site.serve()
            // Links change until the kill, which is to come at any moment of what they cause.
            let end = ContinuousClock.now + .milliseconds(Int.random(in: 50..<450, using: &generator))
            repeat {
                let link = Int.random(in: 0..<20, using: &generator)
                let goesDown = down.insert(link).inserted
                if !goesDown { down.remove(link) }
                try site.namespace.ip("link set q\(link) \(goesDown ? "down" : "up")")
            } while ContinuousClock.now < end
            daemon.kill()
            committed.formUnion(try site.outbox())
        }
        let daemon = try site.serve()
        let expected = Set(down.map { "p\($0)" })
        try wait("the receiver to know what is down, and only that", seconds: 60) {
            Set(last().filter { $0.value == "firing" }.keys) == expected
        }
        try site.namespace.ipBatch((0..<20).map { "link set q\($0) up" })
        try wait("all to be over", seconds: 60) { last().values.allSatisfy { $0 == "resolved" } }
        try wait("all that was committed", seconds: 60) { committed.isSubset(of: taken()) }
        print("alerts: \(committed.count) committed before a kill, \(Set(taken()).count) taken in all")
        #expect(Set(last().keys).isSuperset(of: expected) && !expected.isEmpty && !committed.isEmpty)
        #expect(Set(taken().map(\.status)) == ["firing", "resolved"])
        #expect(daemon.stop() == 0)
    }

    @Test("after a crash a finding that holds is neither resolved nor told again")
    func findingOverCrash() throws {
        let site = try AlertSite()
        let server = try site.server()
        defer { server.stop() }
        try site.configure(
            """
            sampling: {interval: 100ms}
            damping: {half_life: 1s, cap: 1}
            rules:
              - {alert: VethPeerDown, enabled: false}
              - {alert: NoCarrier, event: carrier_down, links: {name: canary}}
            route: {receiver: ops, group_wait: 0s, group_interval: 1s}
            receivers: [{name: ops, webhook: [{url: "\(server.url)"}]}]
            """)
        let namespace = site.namespace
        try namespace.ipBatch(
            ["p0 type veth peer name q0", "canary type veth peer name far"].map { "link add \($0)" }
                + ["p0", "q0", "canary", "far"].map { "link set \($0) up" })
        func flap() throws {
            try namespace.ipBatch((0..<5).flatMap { _ in ["link set q0 down", "link set q0 up"] })
        }
        func told(_ device: String) -> [String] {
            server.requests.flatMap(\.alerts).filter { $0.device == device }.map(\.status)
        }
        var daemon = try site.serve()
        try flap()
        try wait("the alert") { told("p0") == ["firing"] }
        daemon.kill()
        daemon = try site.serve()
        // What tells of this one has looked at the findings of the first tick before: there are none yet.
        try namespace.ip("link set far down")
        try wait("the canary") { told("canary") == ["firing"] }
        try #expect(site.vexport("alerts").contains("firing  LinkFlapping"))
        try flap()
        // Found again, it ends when the flaps have faded.
        try wait("the end") { told("p0").last == "resolved" }
        #expect(told("p0") == ["firing", "resolved"])
        #expect(daemon.stop() == 0)
    }

    @Test(
        "after a crash findings with a grace time are found again, and only then end",
        .enabled(if: isSoak))
    func manyFindingsOverCrash() throws {
        let site = try AlertSite()
        let server = try site.server()
        defer { server.stop() }
        try site.configure(
            """
            route: {receiver: ops, group_wait: 0s, group_interval: 1s}
            receivers: [{name: ops, webhook: [{url: "\(server.url)"}]}]
            """)
        let count = 600  // more than one look takes
        try site.namespace.ipBatch(
            (0..<count).flatMap { ["link add p\($0) type veth peer name q\($0)", "link set p\($0) up"] })
        func firing() throws -> Int {
            try site.vexport("alerts").components(separatedBy: "firing  VethPeerDown").count - 1
        }
        var daemon = try site.serve()
        try wait("the alerts", seconds: 300) { try firing() == count }
        try wait("the messages") { Set(server.requests.flatMap(\.alerts).map(\.device)).count == count }
        daemon.kill()
        let before = server.requests.count
        daemon = try site.serve()
        let start = ContinuousClock.now
        try wait("all to be found again", seconds: 300) {
            let page = try site.namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
            return page.contains(#"vexport_findings{class="veth_peer_down"} \#(count)"#)
        }
        print("alerts: \(count) findings found again after \(ContinuousClock.now - start)")
        try #expect(firing() == count)
        #expect(server.requests.count == before)
        try site.namespace.ipBatch((0..<count).map { "link set q\($0) up" })
        try wait("the ends", seconds: 60) {
            let ended = server.requests[before...].flatMap(\.alerts).filter { $0.status == "resolved" }
            return Set(ended.map(\.device)).count == count
        }
        #expect(daemon.stop() == 0)
    }
}
