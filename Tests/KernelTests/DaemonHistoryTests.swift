import Foundation
import TestSupport
import Testing

@testable import VexportCore

/// What the program remembers of real links, as its users get at it.
@Suite(.serialized) struct DaemonHistoryTests {
    /// A daemon's directory and links of its own, gone with the test.
    private final class Site {
        let namespace: Namespace
        let store: String

        init() throws {
            namespace = try Namespace()
            store = "/dev/shm/vx-\(namespace.name)"
            try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
            try namespace.ipBatch([
                "link add veth0 type veth peer name veth1", "link set veth0 up", "link set veth1 up",
            ])
        }

        deinit {
            for path in [store, "/run/vexport/history-dev-shm-vx-\(namespace.name)"] {
                try? FileManager.default.removeItem(atPath: path)
            }
        }

        func serve(_ options: String...) throws -> Background {
            try Background(
                [
                    "ip", "netns", "exec", namespace.name, DaemonTests.binary, "serve", "--links.namespaces", "own",
                    "--web.listen-address", "127.0.0.1:10119", "--socket", namespace.socket, "--storage.path", store,
                ] + options)
        }

        func dump(_ arguments: String...) throws -> String {
            try Command.run([DaemonTests.binary, "dump"] + arguments)
        }

        func read(_ query: String) throws -> [HistorySeries] {
            struct Answer: Decodable { let data: HistoryPage }
            let body = try Command.run(
                "curl", "-sf", "--unix-socket", namespace.socket, "http://vexport/api/v1/history?\(query)")
            return try JSONDecoder().decode(Answer.self, from: Data(body.utf8)).data.series
        }

        /// Waits until so many samples are there of the last series of several.
        func wait(for count: Int, of seriesCount: Int = 1, _ query: String) throws -> [HistorySeries] {
            var series: [HistorySeries] = []
            try TestSupport.wait("\(count) samples of \(query)") {
                series = (try? read(query)) ?? []
                return series.count >= seriesCount && series.last?.values.count ?? 0 >= count
            }
            return series
        }
    }

    /// Ten ticks a second.
    private static let quick = "sampling: {interval: 100ms}"

    @Test("a killed daemon's series can be read, and go on in the next one but for links made again")
    func killed() throws {
        let site = try Site()
        let config = site.store + "/config.yaml"
        try Data(Self.quick.utf8).write(to: URL(fileURLWithPath: config))
        let first = try site.serve("--config.file", config)
        let before = try site.wait(for: 5, "device=veth0&metric=transmit_packets")
        let lo = try site.read("device=lo&metric=transmit_packets")
        first.kill()

        let left = try site.dump("--storage.path", site.store, "--since", "1m")
        #expect(left.contains("3 links, as last seen at ") && left.contains("LAST 1m"))
        #expect(left.contains("  veth0 veth     there"))

        try site.namespace.ipBatch(["link del veth0", "link add veth0 type veth peer name veth1"])
        let second = try site.serve("--config.file", config)
        let after = try site.wait(for: 5, of: 2, "device=veth0&metric=transmit_packets")
        #expect(after.count == 2)
        #expect(after[0].values.starts(with: before[0].values) && after[0].born == before[0].born)
        #expect(after[1].born > before[0].born && after[1].rates[0] == nil)
        let loAfter = try site.read("device=lo&metric=transmit_packets")
        #expect(loAfter.count == 1 && loAfter[0].values.count >= lo[0].values.count + 5)
        #expect(second.stop() == 0)
        #expect(try site.dump("--storage.path", site.store, "--since", "1m").contains("  veth0 veth     "))
    }

    @Test("a second daemon on the same store says so and ends, with status 3")
    func taken() throws {
        let site = try Site()
        let first = try site.serve()
        try first.waitForLine("serving")
        let second = try site.serve("--web.listen-address", "127.0.0.1:10120", "--socket", "")
        try second.waitForLine("\(site.store)/history: another process has this store open; end it, or name another")
        try wait("its end") { !second.isRunning }
        #expect(second.stop() == 3)
        #expect(first.stop() == 0)
    }

    @Test("without the right to write it remembers in memory, and one line says so")
    func noRights() throws {
        let site = try Site()
        let daemon = try Background([
            "ip", "netns", "exec", site.namespace.name, "unshare", "-m", "sh", "-c",
            "mount -t tmpfs -o ro tmpfs /run && exec \"$@\"", "sh", DaemonTests.binary, "serve", "--links.namespaces",
            "own",
            "--web.listen-address", "127.0.0.1:10119", "--socket", "", "--web.enable-api", "--storage.path",
            "/proc/vexport",
        ])
        try daemon.waitForLine("history: make /proc/vexport/history: No such file or directory")
        try wait("three samples") {
            let answer = try? site.namespace.run(
                "curl", "-sf", "http://127.0.0.1:10119/api/v1/history?device=veth0&metric=receive_bytes")
            return answer?.filter { $0 == "," }.count ?? 0 > 12
        }
        #expect(daemon.stop() == 0)
        #expect(daemon.rest().split(separator: "\n").count { $0.contains("history:") } == 1)
    }

    @Test("a real Prometheus imports a dump with times and answers with the same values")
    func prometheus() throws {
        let site = try Site()
        let daemon = try site.serve()
        _ = try site.wait(for: 3, "device=veth0")
        let live = try site.dump("--socket", site.namespace.socket, "--since", "10m", "--format", "openmetrics")
        #expect(daemon.stop() == 0)
        let page = try site.dump("--storage.path", site.store, "--format", "openmetrics")
        // What is asked of the daemon and what is read from its files afterwards have the same beginning.
        let lo = "vexport_link_receive_bytes_total{device=\"lo\"} "
        func samples(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.hasPrefix(lo) } }
        #expect(samples(live).count >= 3)
        #expect(samples(page).prefix(samples(live).count) == samples(live)[...])
        #expect(live.hasSuffix("\n# EOF\n"))
        let (file, blocks) = (site.store + "/dump.om", site.store + "/blocks")
        try Data(page.utf8).write(to: URL(fileURLWithPath: file))
        try Command.run("promtool", "tsdb", "create-blocks-from", "openmetrics", file, blocks)
        try Data().write(to: URL(fileURLWithPath: site.store + "/prometheus.yml"))
        let prometheus = try Background([
            "ip", "netns", "exec", site.namespace.name, "prometheus",
            "--config.file=\(site.store)/prometheus.yml", "--storage.tsdb.path=\(blocks)",
            "--web.listen-address=127.0.0.1:9090",
        ])
        try prometheus.waitForLine("Server is ready")
        let answer = try site.namespace.run(
            "curl", "-sfG", "http://127.0.0.1:9090/api/v1/query", "--data-urlencode",
            #"query={__name__=~"vexport_link_.*"}[1h]"#)
        prometheus.stop()
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        let result = (object?["data"] as? [String: Any])?["result"] as? [[String: Any]] ?? []
        var lines: Set<String> = []
        for series in result {
            let labels = series["metric"] as? [String: String] ?? [:]
            for point in series["values"] as? [[Any]] ?? [] {
                let time = String(format: "%.3f", (point[0] as? NSNumber)?.doubleValue ?? 0)
                lines.insert(#"\#(labels["__name__"]!){device="\#(labels["device"]!)"} \#(point[1]) \#(time)"#)
            }
        }
        #expect(lines == Set(page.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)))
        #expect(!lines.isEmpty)
    }

    @Test(
        "the API says what is wrong with a request",
        arguments: [
            ("metric=recieve_bytes", "metric is 'recieve_bytes' where"),
            ("start=yesterday", "start is 'yesterday' where"),
            ("step=0s", "step is '0s' where"), ("limit=0", "limit is '0' where"), ("after=x", "after is 'x' where"),
            ("start=1800000000&end=1700000000", "start is '1800000000' where"),
        ])
    func mistakes(_ query: String, _ complaint: String) throws {
        let site = try Site()
        let daemon = try site.serve()
        try daemon.waitForLine("serving")
        let answer = try Command.run(
            "curl", "-s", "-w", "%{http_code}", "--unix-socket", site.namespace.socket,
            "http://vexport/api/v1/history?\(query)")
        #expect(answer.contains(complaint) && answer.hasSuffix("400"), "\(answer)")
        #expect(daemon.stop() == 0)
    }
}
