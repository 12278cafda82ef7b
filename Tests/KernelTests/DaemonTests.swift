import Foundation
import TestSupport
import Testing

/// The program itself, as its users run it: scraped by promtool and by a real Prometheus.
@Suite(.serialized) struct DaemonTests {
    static let binary = Command.vexport

    /// Stores nothing, unless the options say where: the usual place is that of the host's own daemon.
    static func serve(_ namespace: Namespace, _ options: String...) throws -> Background {
        let storage = options.contains("--config.file") ? [] : ["--storage.path", ""]
        let daemon = try Background(
            [
                "ip", "netns", "exec", namespace.name, binary, "serve", "--links.namespaces", "own",
                "--web.listen-address", "127.0.0.1:10119", "--socket", namespace.socket,
            ] + storage + options)
        try daemon.waitForLine("serving")
        try wait("readiness") { (try? namespace.run("curl", "-sf", "http://127.0.0.1:10119/-/ready")) != nil }
        return daemon
    }

    /// A veth, a tap, a bridge with a port, and links with names that no tool expects.
    static func scene() throws -> Namespace {
        let namespace = try Namespace()
        try namespace.ipBatch([
            "link add br0 type bridge", "link set br0 up", "link add veth0 type veth peer name veth1",
            "link set veth0 master br0 up", "link set veth1 up", "tuntap add dev tap0 mode tap",
        ])
        for name in [#"q"uote"#, #"back\slash"#, #"b\xff"#, "café"] {
            try namespace.run("ip", "link", "add", name, "type", "ifb")
        }
        // Bytes that Swift strings can't hold: by way of the shell.
        for name in [#"$'b\xff'"#, #"$'esc\x1b[31m'"#, #"$'n\x01l'"#] {
            try namespace.run("bash", "-c", "ip link add \(name) type ifb")
        }
        try namespace.run("bash", "-c", #"ip link set veth1 alias $'line\nbreak \xfe "quoted" \\'"#)
        return namespace
    }

    @Test("promtool and a real Prometheus take every series, hostile names included")
    func prometheus() throws {
        let namespace = try Self.scene()
        let daemon = try Self.serve(namespace, "--links.detail", "full", "--log.level", "debug")
        let page = try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
        try Command.run(["promtool", "check", "metrics"], input: page)
        for name in [#"q\"uote"#, #"back\\\\slash"#, #"b\\\\xff"#, #"b\\xff"#, "café", #"esc\\x1b[31m"#, #"n\\x01l"#] {
            #expect(page.contains("vexport_link_admin_up{device=\"\(name)\"} 0"), "\(name)")
        }
        #expect(page.contains(#"alias="line\\x0abreak \\xfe \"quoted\" \\\\""#))

        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vxprom-\(namespace.name)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let configuration = """
            global: {scrape_interval: 1s}
            scrape_configs: [{job_name: vexport, static_configs: [{targets: ['127.0.0.1:10119']}]}]
            """
        try Data(configuration.utf8).write(to: directory.appendingPathComponent("prometheus.yml"))
        let prometheus = try Background([
            "ip", "netns", "exec", namespace.name, "prometheus", "--config.file=\(directory.path)/prometheus.yml",
            "--storage.tsdb.path=\(directory.path)/data", "--web.listen-address=127.0.0.1:9090",
        ])
        func query(_ expression: String) throws -> [String] {
            let answer = try namespace.run(
                "curl", "-sfG", "http://127.0.0.1:9090/api/v1/query", "--data-urlencode", "query=\(expression)")
            let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
            let result = (object?["data"] as? [String: Any])?["result"] as? [[String: Any]] ?? []
            return result.compactMap { ($0["value"] as? [Any])?.last as? String }
        }
        try wait("Prometheus to scrape", seconds: 30) { (try? query("up")) == ["1"] }
        // Debian's Prometheus prefers OpenMetrics, whose page has as many samples.
        #expect(try query("count(vexport_link_admin_up)") == ["12"])
        #expect(try query("count(vexport_link_receive_bytes_total)") == ["12"])
        let series = page.split(separator: "\n").filter { !$0.hasPrefix("#") }.count
        #expect(try query("scrape_samples_scraped") == ["\(series)"])
        prometheus.stop()
        #expect(daemon.stop() == 0)
        let log = daemon.rest()
        #expect(log.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    }

    @Test("Python's parser takes the OpenMetrics page, with all series of the other format")
    func openMetrics() throws {
        let namespace = try Self.scene()
        let daemon = try Self.serve(namespace, "--links.detail", "full")
        let page = try namespace.run(
            "curl", "-sf", "-H", "Accept: application/openmetrics-text; version=1.0.0", "http://127.0.0.1:10119/metrics"
        )
        let series = page.split(separator: "\n").filter { !$0.hasPrefix("#") }.count
        #expect(try OpenMetricsParser.sampleCount(page) == series)
        #expect(page.contains("# TYPE vexport_veth info\n"))
        let once = try namespace.run(
            Self.binary, "metrics", "--links.namespaces", "own", "--links.detail", "full", "--format", "openmetrics")
        func links(_ page: String) -> [Substring] {
            page.split(separator: "\n").filter { $0.hasPrefix("vexport_link") }.map { $0.prefix { $0 != " " } }
        }
        #expect(links(once) == links(page) && once.hasSuffix("\n# EOF\n"))
        #expect(daemon.stop() == 0)
    }

    @Test("one page without a daemon, for people and for pipes that close early")
    func oneShot() throws {
        let namespace = try Self.scene()
        func names(_ page: String) -> [Substring] {
            page.split(separator: "\n").filter { $0.hasPrefix("vexport_link") }.map { $0.prefix { $0 != " " } }
        }
        let page = try namespace.run(Self.binary, "metrics", "--links.namespaces", "own", "--links.detail", "full")
        try Command.run(["promtool", "check", "metrics"], input: page)
        let daemon = try Self.serve(namespace, "--links.detail", "full")
        #expect(names(page) == names(try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")))
        #expect(daemon.stop() == 0)
        let head = try namespace.run(
            "bash", "-c", "\(Self.binary) metrics --links.namespaces own | head -n 1; echo ${PIPESTATUS[0]}")
        #expect(head.hasPrefix("# HELP vexport_link_receive_bytes_total "))
        let full = try namespace.run("bash", "-c", "\(Self.binary) metrics --links.namespaces own > /dev/full; echo $?")
        #expect(full == "3\n")
    }

    @Test("SIGTERM ends it with status 0, the same address or socket twice with 3, wrong usage with 2")
    func exitStatus() throws {
        let namespace = try Namespace()
        let daemon = try Self.serve(namespace)
        let socket = namespace.socket
        for (address, path, complaint) in [
            ("127.0.0.1:10119", "", "can't listen on 127.0.0.1:10119: Address already in use"),
            ("127.0.0.1:10120", socket, "can't listen on the socket \(socket): another vexport is using it"),
        ] {
            let second = try Background([
                "ip", "netns", "exec", namespace.name, Self.binary, "serve", "--web.listen-address", address,
                "--socket", path, "--storage.path", "",
            ])
            try second.waitForLine(complaint)
            try wait("the second to end") { !second.isRunning }
            #expect(second.stop() == 3)
        }
        #expect(FileManager.default.fileExists(atPath: socket))
        #expect(daemon.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: socket))
        let wrong = try Background([Self.binary, "serve", "--web.listen-address", "nonsense"])
        try wait("the usage error") { !wrong.isRunning }
        #expect(wrong.stop() == 2)
        #expect(wrong.rest().contains("--web.listen-address"))
    }

    @Test("a changed configuration holds after SIGHUP or a request on the socket, a broken one changes nothing")
    func reload() throws {
        let namespace = try Self.scene()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(namespace.name).yaml").path
        defer { unlink(path) }
        func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
        func page() throws -> String { try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics") }
        func post() throws -> String {
            try Command.run(
                "curl", "-s", "-w", "%{http_code}", "-X", "POST", "--unix-socket", namespace.socket,
                "http://vexport/-/reload")
        }
        try write("links: {exclude: [{name: lo}]}")
        let daemon = try Self.serve(namespace, "--config.file", path, "--storage.path", "")
        try #expect(!page().contains(#"{device="lo"}"#) && page().contains(#"{device="veth0"}"#))

        try write("links: {include: [{kind: bridge}]}")
        kill(daemon.pid, SIGHUP)
        try daemon.waitForLine("configuration reloaded")
        try wait("the change to show") { try !page().contains(#"{device="veth0"}"#) }
        try #expect(page().contains(#"{device="br0"}"#))

        try write("links: {include: [{kind: bridge}]}\nsampling: {interval: often}")
        try #expect(post() == "\(path):2:22: expected a duration from 100ms to 1h, got 'often'\n400")
        try daemon.waitForLine("not reloaded")
        try #expect(page().contains(#"{device="br0"}"#) && page().contains("vexport_config_last_reload_successful 0"))

        try write("links: {series_budget: 20}")
        try #expect(post() == "configuration reloaded\n200")
        try wait("the budget to be met") { try page().contains("vexport_config_last_reload_successful 1") }
        try wait("links to be left out") { try !page().contains("vexport_series_refused 0\n") }
        #expect(daemon.stop() == 0)
    }

    @Test("a link that flaps is calm once SIGHUP brings a configuration by which it is")
    func reloadedDamping() throws {
        let namespace = try Self.scene()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(namespace.name).yaml").path
        defer { unlink(path) }
        try Data().write(to: URL(fileURLWithPath: path))
        let daemon = try Self.serve(namespace, "--config.file", path)
        func flapping() throws -> Bool {
            try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
                .contains(#"vexport_finding{class="link_flapping",device="veth0",severity="warning"} 1"#)
        }
        try namespace.ipBatch((0..<40).flatMap { _ in ["link set veth1 down", "link set veth1 up"] })
        try wait("the finding", seconds: 60) { try flapping() }
        try Data("damping: {suppress: 100000, reuse: 90000}".utf8).write(to: URL(fileURLWithPath: path))
        kill(daemon.pid, SIGHUP)
        try daemon.waitForLine("configuration reloaded")
        try wait("the end of the finding") { try !flapping() }
        #expect(daemon.stop() == 0)
    }

    @Test("far ends get metrics when the configuration says so, and lose them again")
    func farEnds() throws {
        let (namespace, other) = (try Namespace(), try Namespace())
        try namespace.ip("link add near type veth peer name far netns \(other.name)")
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(namespace.name).yaml").path
        defer { unlink(path) }
        func write(_ farEnds: Bool) throws {
            let text = "links: {namespaces: all, far_ends: \(farEnds)}\nsampling: {namespaces_interval: 1s}"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
        func page() throws -> String { try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics") }
        try write(false)
        let daemon = try Background([
            "ip", "netns", "exec", namespace.name, Self.binary, "serve", "--config.file", path,
            "--web.listen-address", "127.0.0.1:10119", "--socket", namespace.socket,
        ])
        try daemon.waitForLine("serving")
        let place = "{device=\"far\",netns=\"\(other.name)\"}"
        try wait("the pair") { (try? page().contains("peer_netns=\"\(other.name)\"")) == true }
        try #expect(!page().contains(place))
        try write(true)
        kill(daemon.pid, SIGHUP)
        try daemon.waitForLine("configuration reloaded")
        for metric in ["transmit_dropped_packets", "receive_errors"] {
            try wait("the far end") { try page().contains("vexport_link_\(metric)_total\(place)") }
        }
        try Data("links: {namespaces: own}".utf8).write(to: URL(fileURLWithPath: path))
        kill(daemon.pid, SIGHUP)
        try daemon.waitForLine("a change of links.namespaces needs a restart: it stays all")
        try wait("the far end to go") { try !page().contains(place) }
        #expect(daemon.stop() == 0)
    }

    @Test("a configuration that can't be used ends it with status 2, all that is wrong told")
    func brokenConfiguration() throws {
        let namespace = try Namespace()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(namespace.name).yaml").path
        defer { unlink(path) }
        try Data("links: {detial: full, exclude: lo}".utf8).write(to: URL(fileURLWithPath: path))
        let daemon = try Background([Self.binary, "serve", "--config.file", path, "--socket", ""])
        try wait("the end") { !daemon.isRunning }
        #expect(daemon.stop() == 2)
        let log = daemon.rest()
        #expect(log.contains("\(path):1:9: unknown key 'detial' (did you mean 'detail'?)"))
        #expect(log.contains("\(path):1:32: expected a list, got 'lo'"))
        let check = try Background([Self.binary, "check", "--config.file", path])
        try wait("the check") { !check.isRunning }
        #expect(check.stop() == 1)
        #expect(check.rest().contains("MISSING  configuration     \(path):1:9: unknown key"))
    }

    @Test("check says what works, and what a missing right costs")
    func check() throws {
        let namespace = try Self.scene()
        let all = try namespace.run(Self.binary, "check", "--config.file", "/dev/null")
        #expect(all.hasPrefix("ok       configuration     /dev/null\n"))
        #expect(all.contains("ok       links             12 in this"))
        #expect(!all.contains("MISSING"))
        let some = try namespace.run(
            "bash", "-c", "setpriv --bounding-set=-all --inh-caps=-all \(Self.binary) check; echo status $?")
        #expect(some.contains("MISSING  event buffer") && some.contains("needs: CAP_NET_ADMIN"))
        #expect(some.hasSuffix("status 1\n"))
    }

    @Test("without any capability it watches its own namespace, and says what it lacks")
    func unprivileged() throws {
        let namespace = try Self.scene()
        let daemon = try Background([
            "ip", "netns", "exec", namespace.name, "setpriv", "--bounding-set=-all", "--inh-caps=-all", Self.binary,
            "serve", "--web.listen-address", "127.0.0.1:10119", "--socket", "", "--storage.path", "",
        ])
        try daemon.waitForLine("CAP_NET_ADMIN")
        try wait("readiness") { (try? namespace.run("curl", "-sf", "http://127.0.0.1:10119/-/ready")) != nil }
        try namespace.ip("link add fresh type veth peer name fresh2")
        try wait("the new link") {
            try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics").contains(#"{device="fresh"}"#)
        }
        #expect(daemon.stop() == 0)
    }

    @Test(
        "a right that is missing costs what it must: visits, events, or all other namespaces",
        arguments: [
            ("-sys_admin", "CAP_SYS_ADMIN", "counters there", true, true),
            ("-net_broadcast", "CAP_NET_BROADCAST", "events there", false, true),
            ("-net_admin", "CAP_NET_ADMIN", "other namespaces", false, false),
        ])
    func fewerRights(_ dropped: String, _ said: String, _ feature: String, _ works: Bool, _ showsOthers: Bool) throws {
        let (namespace, other) = (try Namespace(), try Namespace())
        try other.ip("tuntap add dev tap0 mode tap")
        // As a daemon with all rights would have left it.
        _ = try namespace.run("ip", "netns", "set", namespace.name, "7")
        let daemon = try Background([
            "ip", "netns", "exec", namespace.name, "setpriv", "--bounding-set=\(dropped)", "--inh-caps=\(dropped)",
            Self.binary, "serve", "--web.listen-address", "127.0.0.1:10119", "--socket", "", "--storage.path", "",
        ])
        try daemon.waitForLine(said)
        try wait("readiness") { (try? namespace.run("curl", "-sf", "http://127.0.0.1:10119/-/ready")) != nil }
        func page() throws -> String { try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics") }
        let series = "device=\"tap0\",netns=\"\(other.name)\"}"
        #expect(try page().contains("vexport_link_receive_bytes_total{\(series) 0") == showsOthers)
        #expect(try page().contains("vexport_feature{feature=\"\(feature)\"} \(works ? 1 : 0)\n"))
        try other.ip("link set tap0 up")
        // Without events it takes a round of dumps.
        if showsOthers {
            try wait("the change", seconds: 15) { try page().contains("vexport_link_admin_up{\(series) 1") }
        }
        #expect(daemon.stop() == 0)
    }
}
