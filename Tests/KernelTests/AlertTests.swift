import Foundation
import TestSupport
import Testing

/// Alerts from the kernel's event to the receiver, by the program itself.
@Suite(.serialized) struct AlertTests {
    private static let level = """
        rules:
          - {alert: NoCarrier, value: vexport_link_carrier, below: 1, links: {name: "p*"}, labels: {severity: warning}}
        """

    /// A daemon in a namespace of its own with receivers in it, gone with the test.
    private final class Site {
        let namespace: Namespace
        let directory: String

        init() throws {
            namespace = try Namespace()
            directory = FileManager.default.temporaryDirectory.appendingPathComponent("vx-\(namespace.name)").path
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: directory)
            try? FileManager.default.removeItem(atPath: "/run/vexport/history-tmp-vx-\(namespace.name)")
        }

        func server(
            reply: @escaping @Sendable (WebhookServer.Request, Int) -> WebhookServer.Reply = { _, _ in .status(200) }
        )
            throws -> WebhookServer
        {
            try namespace.inside { try WebhookServer(reply: reply) }
        }

        func configure(_ text: String) throws {
            try Data("storage: {path: \(directory)}\n\(text)\n".utf8)
                .write(to: URL(fileURLWithPath: "\(directory)/config.yaml"))
        }

        func serve() throws -> Background {
            try DaemonTests.serve(namespace, "--config.file", "\(directory)/config.yaml")
        }

        @discardableResult
        func vexport(_ arguments: String...) throws -> String {
            try Command.run([DaemonTests.binary] + arguments + ["--socket", namespace.socket])
        }
    }

    private func alerts(_ request: WebhookServer.Request) -> [(device: String, status: String)] {
        (request.object["alerts"] as? [[String: Any]] ?? []).map { alert in
            ((alert["labels"] as? [String: String])?["device"] ?? "", alert["status"] as? String ?? "")
        }
    }

    @Test(
        "a webhook gets what Alertmanager's own would send, field by field, and amtool shows what an Alertmanager got")
    func alertmanager() throws {
        let site = try Site()
        let (own, reference) = (try site.server(), try site.server())
        defer { for server in [own, reference] { server.stop() } }
        let directory = site.directory
        try Data(
            """
            route: {receiver: ops, group_by: [alertname, netns], group_wait: 1s, group_interval: 1s}
            receivers: [{name: ops, webhook_configs: [{url: "\(reference.url)"}]}]
            """.utf8
        ).write(to: URL(fileURLWithPath: "\(directory)/alertmanager.yml"))
        let alertmanager = try Background([
            "ip", "netns", "exec", site.namespace.name, "prometheus-alertmanager",
            "--config.file=\(directory)/alertmanager.yml", "--storage.path=\(directory)/am",
            "--web.listen-address=127.0.0.1:9093", "--cluster.listen-address=",
        ])
        try wait("Alertmanager") { (try? site.namespace.run("curl", "-sf", "http://127.0.0.1:9093/-/ready")) != nil }
        try site.configure(
            """
            rules:
              - {alert: NoCarrier, event: carrier_down, links: {name: p0}, labels: {severity: page}, annotations: {summary: "{{device}} \\"lost\\" its carrier"}}
            external_labels: {site: "l\\xE4b <1>", instance: host7}
            route: {receiver: ops, group_wait: 0s, group_interval: 1s}
            receivers: [{name: ops, webhook: [{url: "\(own.url)"}], alertmanager: [{url: "http://127.0.0.1:9093"}]}]
            """)
        try site.namespace.ipBatch([
            "link add p0 type veth peer name q0", "link set p0 up", "link set q0 up", "link add br0 type bridge",
        ])
        let daemon = try site.serve()
        try site.namespace.ip("link set q0 down")
        try wait("both to hear of it") { own.requests.count >= 1 && reference.requests.count >= 1 }
        let shown = try site.namespace.run(
            "amtool", "--alertmanager.url=http://127.0.0.1:9093", "alert", "query", "-o", "json")
        let list = try #require(JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [[String: Any]])
        #expect(list.contains { ($0["labels"] as? [String: String])?["device"] == "p0" })
        try site.namespace.ip("link set q0 up")
        try wait("both to hear of its end") {
            [own, reference].allSatisfy { $0.requests.contains { $0.object["status"] as? String == "resolved" } }
        }
        for status in ["firing", "resolved"] {
            func first(_ server: WebhookServer) throws -> [String: Any] {
                try #require(
                    server.requests.map(\.object).first { object in
                        object["status"] as? String == status
                            && (object["alerts"] as? [Any])?.count == 1
                    })
            }
            var (ours, theirs) = (try first(own), try first(reference))
            #expect(Set(ours.keys) == Set(theirs.keys))
            var alert = try #require((ours.removeValue(forKey: "alerts") as? [[String: Any]])?.first)
            var other = try #require((theirs.removeValue(forKey: "alerts") as? [[String: Any]])?.first)
            // Where each of them is reached, which vexport's API is not by a URL.
            #expect(
                ours.removeValue(forKey: "externalURL") is String && theirs.removeValue(forKey: "externalURL") is String
            )
            #expect(NSDictionary(dictionary: ours) == NSDictionary(dictionary: theirs))
            // Go leaves out the zeros at the end of a fraction.
            for key in ["startsAt", "endsAt"] {
                func time(_ alert: inout [String: Any]) -> String {
                    var text = (alert.removeValue(forKey: key) as? String ?? "").replacing("Z", with: "")
                    if text.contains(".") { while text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() } }
                    return text
                }
                #expect(time(&alert) == time(&other), "\(key)")
            }
            #expect(NSDictionary(dictionary: alert) == NSDictionary(dictionary: other))
        }
        #expect(daemon.stop() == 0)
        alertmanager.stop()
    }

    @Test("1,000 links of a bridge that go down at once are one message with their count, and one when they are back")
    func storm() throws {
        let site = try Site()
        let server = try site.server()
        defer { server.stop() }
        try site.configure(
            """
            \(Self.level)
            route: {receiver: ops, group_by: [alertname], group_wait: 8s, group_interval: 8s}
            receivers: [{name: ops, webhook: [{url: "\(server.url)"}], slack: [{url: "\(server.url)/slack"}]}]
            """)
        let namespace = site.namespace
        try namespace.ipBatch(
            ["link add br0 type bridge", "link set br0 up"]
                + (0..<1_000).flatMap {
                    [
                        "link add p\($0) type veth peer name q\($0)", "link set p\($0) master br0 up",
                        "link set q\($0) up",
                    ]
                })
        let daemon = try site.serve()
        try namespace.ipBatch((0..<1_000).map { "link set q\($0) down" })
        try wait("the messages", seconds: 60) { server.requests.count >= 2 }
        let messages = server.requests
        #expect(messages.map(\.path).sorted() == ["/hook", "/hook/slack"])
        let hook = try #require(messages.first { $0.path == "/hook" })
        #expect(Set(alerts(hook).map(\.device)).count == 1_000 && alerts(hook).allSatisfy { $0.status == "firing" })
        let slack = try #require(messages.first { $0.path == "/hook/slack" })
        #expect(String(decoding: slack.body, as: UTF8.self).contains("1000 × NoCarrier"))
        try namespace.ipBatch((0..<1_000).map { "link set q\($0) up" })
        try wait("the end", seconds: 60) {
            let ended = server.requests.dropFirst(2).filter { $0.path == "/hook" }.flatMap(alerts)
            return Set(ended.filter { $0.status == "resolved" }.map(\.device)).count == 1_000
        }
        #expect(server.requests.count <= 6, "a message for each channel and group interval")
        #expect(daemon.stop() == 0)
    }

    @Test("a bridge that is set down is told of, and what hangs on it is held back and counted")
    func rootCause() throws {
        let site = try Site()
        let server = try site.server()
        defer { server.stop() }
        try site.configure(
            """
            \(Self.level)
            route: {receiver: ops, group_by: [alertname], group_wait: 3s, group_interval: 2s}
            receivers: [{name: ops, webhook: [{url: "\(server.url)"}]}]
            """)
        let namespace = site.namespace
        try namespace.ipBatch(
            ["link add br0 type bridge", "link set br0 up"]
                + (0..<5).flatMap {
                    [
                        "link add p\($0) type veth peer name q\($0)", "link set p\($0) master br0 up",
                        "link set q\($0) up",
                    ]
                })
        let daemon = try site.serve()
        try namespace.ipBatch(["link set br0 down"] + (0..<5).map { "link set q\($0) down" })
        try wait("the bridge") { server.requests.count >= 1 }
        let first = try #require((server.requests[0].object["alerts"] as? [[String: Any]])?.first)
        #expect((first["labels"] as? [String: String])?["alertname"] == "BridgeDown")
        #expect((first["annotations"] as? [String: String])?["held_back"] == "5: p0, p1, p2, p3, p4")
        try #expect(site.vexport("alerts").contains("firing held-back  NoCarrier"))
        try namespace.ip("link set br0 up")
        try wait("the ports, which are still down") {
            Set(server.requests.flatMap(alerts).filter { $0.status == "firing" }.map(\.device)).count == 6
        }
        #expect(daemon.stop() == 0)
    }

    @Test("killed over and over under load, it delivers each alert and each end at least once")
    func killed() throws {
        let kills = isSoak ? 100 : 10
        let seed = UInt64.random(in: 0..<1_000_000)
        print("alerts: \(kills) kills, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let site = try Site()
        // A receiver that fails now and then is what leaves messages in the outbox.
        let server = try site.server { _, count in count % 3 == 2 ? .status(500) : .status(200) }
        defer { server.stop() }
        try site.configure(
            """
            sampling: {interval: 100ms}
            \(Self.level)
            route: {receiver: ops, group_by: [...], group_wait: 0s, group_interval: 1s}
            receivers: [{name: ops, webhook: [{url: "\(server.url)"}]}]
            """)
        let namespace = site.namespace
        try namespace.ipBatch(
            (0..<20).flatMap {
                ["link add p\($0) type veth peer name q\($0)", "link set p\($0) up", "link set q\($0) up"]
            })
        var down: Set<Int> = []
        /// What the receiver took of each link, the last of it.
        func last() -> [String: String] {
            var states: [String: String] = [:]
            for (number, request) in server.requests.enumerated() where number % 3 != 2 {
                for alert in alerts(request) { states[alert.device] = alert.status }
            }
            return states
        }
        for _ in 0..<kills {
            let daemon = try site.serve()
            for _ in 0..<10 {
                let link = Int.random(in: 0..<20, using: &generator)
                let goesDown = down.insert(link).inserted
                if !goesDown { down.remove(link) }
                try namespace.ip("link set q\(link) \(goesDown ? "down" : "up")")
            }
            usleep(UInt32.random(in: 0..<400_000, using: &generator))  // the kill is to come at any moment of it
            daemon.kill()
        }
        let daemon = try site.serve()
        let expected = Set(down.map { "p\($0)" })
        try wait("the receiver to know what is down, and only that", seconds: 60) {
            Set(last().filter { $0.value == "firing" }.keys) == expected
        }
        try namespace.ipBatch((0..<20).map { "link set q\($0) up" })
        try wait("all to be over", seconds: 60) { last().values.allSatisfy { $0 == "resolved" } }
        #expect(Set(last().keys).isSuperset(of: expected) && !expected.isEmpty)
        #expect(daemon.stop() == 0)
    }

    @Test("after a crash a finding that holds is neither resolved nor told again")
    func findingOverCrash() throws {
        let site = try Site()
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
            server.requests.flatMap(alerts).filter { $0.device == device }.map(\.status)
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
        let site = try Site()
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
        try wait("the messages") { Set(server.requests.flatMap(alerts).map(\.device)).count == count }
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
            let ended = server.requests[before...].flatMap(alerts).filter { $0.status == "resolved" }
            return Set(ended.map(\.device)).count == count
        }
        #expect(daemon.stop() == 0)
    }

    @Test("the commands show alerts, test receivers, and keep silences over a restart")
    func commands() throws {
        let site = try Site()
        let server = try site.server { request, _ in .status(request.path == "/bad" ? 404 : 200) }
        defer { server.stop() }
        try site.configure(
            """
            \(Self.level)
            route: {receiver: ops, group_wait: 0s, group_interval: 1s}
            receivers:
              - {name: ops, webhook: [{url: "\(server.url)"}]}
              - {name: bad, webhook: [{url: "http://127.0.0.1:\(server.port)/bad"}]}
            """)
        let namespace = site.namespace
        try namespace.ipBatch(["link add p0 type veth peer name q0", "link set p0 up", "link set q0 up"])
        var daemon = try site.serve()
        try #expect(site.vexport("alerts").hasPrefix("no alerts\n\nbad/webhook/0: 0 delivered, 0 waiting"))
        try #expect(site.vexport("alerts", "test", "ops") == "ops/webhook/0: delivered\n")
        #expect((server.requests[0].object["commonLabels"] as? [String: String])?["alertname"] == "VexportTest")
        func fails(_ arguments: String...) -> String? {
            do {
                try Command.run([DaemonTests.binary] + arguments + ["--socket", namespace.socket])
                return nil
            } catch { return "\(error)" }
        }
        #expect(fails("alerts", "test", "bad")?.contains("exit status 1: bad/webhook/0: FAILED: status 404") == true)
        #expect(
            fails("alerts", "test", "nobody")?.contains("exit status 1: vexport alerts test: no receiver named nobody")
                == true)
        let id = try site.vexport("silence", "add", "--duration", "1h", "--comment", "new switch", "device=p0")
            .trimmingCharacters(in: .newlines)
        #expect(fails("silence", "add", "--comment", "x", "p0")?.contains("no matcher: p0") == true)
        try namespace.ip("link set q0 down")
        try wait("the silenced alert") { try site.vexport("alerts").contains("firing silenced  NoCarrier") }
        #expect(daemon.stop() == 0)
        daemon = try site.serve()
        try #expect(site.vexport("silence", "list").hasPrefix(#"\#(id)  device="p0"  until "#))
        try site.vexport("silence", "expire", id)
        try wait("the alert, once nothing holds it back") {
            server.requests.contains { alerts($0).contains { $0 == ("p0", "firing") } }
        }
        let page = try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
        try Command.run(["promtool", "check", "metrics"], input: page)
        #expect(page.contains(#"vexport_alerts{alertname="NoCarrier",state="firing"} 1"#))
        #expect(page.contains(#"vexport_notifications_total{receiver="ops"} 1"#))
        #expect(
            try namespace.run(
                "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST",
                "http://127.0.0.1:10119/api/v1/silences/add") == "404")
        #expect(daemon.stop() == 0)
    }

    @Test("a lost carrier is told within a tenth of a second")
    func latency() throws {
        let count = isSoak ? 100 : 10
        let site = try Site()
        let server = try site.server()
        defer { server.stop() }
        try site.configure(
            """
            rules:
              - {alert: NoCarrier, event: carrier_down, links: {name: p0}}
              - {alert: VethPeerDown, enabled: false}
              - {alert: LinkFlapping, enabled: false}
            route: {receiver: ops, group_wait: 0s, group_interval: 1s}
            receivers: [{name: ops, webhook: [{url: "\(server.url)"}]}]
            """)
        try site.namespace.ipBatch(["link add p0 type veth peer name q0", "link set p0 up", "link set q0 up"])
        let daemon = try site.serve()
        var delays: [Duration] = []
        for _ in 0..<count {
            let before = server.requests.count
            let start = ContinuousClock.now
            try site.namespace.ip("link set q0 down")
            try wait("the message") { server.requests.count > before }
            delays.append(server.requests[before].at - start)
            try site.namespace.ip("link set q0 up")
            try wait("its end") { server.requests.count > before + 1 }
        }
        delays.sort()
        print("alerts: drop to POST, `ip` included: median \(delays[count / 2]), worst \(delays.last!) of \(count)")
        // The bound is five times the one that a quiet machine is held to: others may be building here.
        #expect(delays[count / 2] < .milliseconds(500))
        #expect(daemon.stop() == 0)
    }
}

/// The same numbers for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    // SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
