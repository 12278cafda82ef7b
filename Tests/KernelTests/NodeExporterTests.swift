import Foundation
import TestSupport
import Testing

/// `--compat.node-exporter`, held against Debian's node_exporter on the same links.
@Suite struct NodeExporterTests {
    /// Everything in which the two may differ, and why. One that does not show any more is an error too.
    private static let differences: [(what: String, why: String, remove: @Sendable (inout NodeNetworkPage) -> Void)] = [
        ("node_network_address_assign_type", "only sysfs tells", { $0.remove("node_network_address_assign_type") }),
        ("node_network_name_assign_type", "only sysfs tells", { $0.remove("node_network_name_assign_type") }),
        ("node_network_device_id", "only sysfs tells", { $0.remove("node_network_device_id") }),
        (
            "adminstate in node_network_info", "since node_exporter 1.6, Debian has 1.5",
            { $0.removeLabel("adminstate") }
        ),
        ("traffic of the loopback", "the scrapes themselves", { $0.removeLoopbackTraffic() }),
    ]

    /// Links of many kinds, with traffic on some: their counters rest when this returns.
    static func scene() throws -> (Namespace, holder: Background, other: Namespace) {
        let (namespace, other) = (try Namespace(), try Namespace())
        try namespace.ipBatch([
            "link add br0 type bridge", "link set br0 up", "link add veth0 type veth peer name veth1",
            "link set veth0 master br0 up", "link set veth1 alias uplink-7 group 5 mtu 1400 txqueuelen 77 up",
            "link add link veth1 name macvlan0 type macvlan mode bridge", "link set macvlan0 up",
            "link add link veth1 name macvlan1 type macvlan", "link set veth1 promisc on",
            "tuntap add dev tap0 mode tap", "link set tap0 up", "tuntap add dev tap1 mode tap", "link set tap1 up",
            "tuntap add dev tun0 mode tun", "link add ifb7 type ifb", "link add vxlan0 type vxlan id 7 dstport 4789",
            "link add far0 type veth peer name far1 netns \(other.name)", "link set far0 up mode dormant",
            "link add down0 type veth peer name down1", "link set down0 up",
            "address add 10.9.0.1/24 dev br0", "address add 10.9.0.2/24 dev veth1",
        ])
        try other.ip("link set far1 up")
        let holder = try Background([
            "ip", "netns", "exec", namespace.name, "python3",
            Repository.root.path + "/Tests/Scenes/taphold.py", "tap1",
        ])
        try wait("the carrier of tap1") { try namespace.ip("link show tap1").contains("LOWER_UP") }
        try namespace.run("ping", "-c", "3", "-i", "0.01", "127.0.0.1")
        try namespace.run("bash", "-c", "ping -c 3 -i 0.01 -W 1 -I br0 10.9.0.77 || true")
        return (namespace, holder, other)
    }

    @Test("names, types, labels and values are node_exporter's, but for the listed differences")
    func comparison() throws {
        let (namespace, holder, other) = try Self.scene()
        let exporter = try Background([
            "ip", "netns", "exec", namespace.name, "prometheus-node-exporter", "--web.listen-address=127.0.0.1:9100",
            "--web.disable-exporter-metrics", "--collector.disable-defaults", "--collector.netdev",
            "--collector.netclass", "--collector.netdev.device-exclude=^$",  // Debian leaves the loopback out
        ])
        let daemon = try DaemonTests.serve(namespace, "--compat.node-exporter")
        func page(port: Int) throws -> NodeNetworkPage {
            NodeNetworkPage(try namespace.run("curl", "-sf", "http://127.0.0.1:\(port)/metrics"))
        }
        try wait("node_exporter") { (try? page(port: 9100)) != nil }
        var (ours, theirs) = (try page(port: 10119), try page(port: 9100))
        #expect(theirs.series.count > 300)
        for (what, why, remove) in Self.differences {
            let before = ours.differences(from: theirs)
            remove(&ours)
            remove(&theirs)
            #expect(ours.differences(from: theirs) != before, "\(what) (\(why)) is no difference any more")
        }
        // The kernel tells of an operational state up to a second late, so it may change between two pages.
        try wait("an end of \(ours.differences(from: theirs))") {
            if ours.differences(from: theirs) == [] { return true }
            (ours, theirs) = (try page(port: 10119), try page(port: 9100))
            for (_, _, remove) in Self.differences {
                remove(&ours)
                remove(&theirs)
            }
            return false
        }
        exporter.kill()
        #expect(daemon.stop() == 0)
        withExtendedLifetime(other) { holder.kill() }
    }

    @Test("promtool and Python's parser take the page, and no series is on it twice")
    func parsers() throws {
        let namespace = try DaemonTests.scene()
        let page = try namespace.run(
            DaemonTests.binary, "metrics", "--links.namespaces", "own", "--compat.node-exporter")
        try Command.run(["promtool", "check", "metrics"], input: page)
        let series = page.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } }
        #expect(Set(series).count == series.count)
        let openMetrics = try namespace.run(
            DaemonTests.binary, "metrics", "--links.namespaces", "own", "--compat.node-exporter", "--format",
            "openmetrics")
        #expect(try OpenMetricsParser.sampleCount(openMetrics) == series.count)
    }

    @Test("a new link has its speed soon, and a bridge that of its new port")
    func speeds() throws {
        let namespace = try Namespace()
        let daemon = try DaemonTests.serve(namespace, "--compat.node-exporter")
        func speed(_ name: String) throws -> String? {
            try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics").split(separator: "\n")
                .first { $0.hasPrefix("node_network_speed_bytes{device=\"\(name)\"}") }.map(String.init)
        }
        try namespace.ipBatch([
            "link add veth0 type veth peer name veth1", "link add br0 type bridge", "link set br0 up",
        ])
        #expect(try speed("br0")?.hasSuffix(" 1250000000") != true)
        try namespace.ipBatch(["link set veth0 master br0 up", "link set veth1 up"])
        // A bridge is as fast as its fastest port.
        for name in ["veth0", "br0"] {
            try wait("the speed of \(name)") {
                try speed(name) == "node_network_speed_bytes{device=\"\(name)\"} 1250000000"
            }
        }
        #expect(daemon.stop() == 0)
    }

    @Test("without the flag nothing of it is on the page")
    func off() throws {
        let namespace = try Namespace()
        #expect(!(try namespace.run(DaemonTests.binary, "metrics").contains("node_network_")))
    }
}

/// The `node_network_*` part of a page, in a form that can be compared: an empty label is none, the order does not
/// matter, and values are numbers.
private struct NodeNetworkPage {
    struct Series: Hashable, CustomStringConvertible {
        var name: String
        var labels: [String: String]
        var description: String { "\(name)\(labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })" }
    }

    var types: [String: String] = [:]
    var series: [Series: Double] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE node_network_") {
                types[String(words[2])] = String(words[3])
            } else if line.hasPrefix("node_network_") {
                let labels = line.matches(of: /([a-z]+)="((?:[^"\\]|\\.)*)"/).filter { !$0.2.isEmpty }
                let series = Series(
                    name: String(line.prefix { $0 != "{" }),
                    labels: Dictionary(uniqueKeysWithValues: labels.map { (String($0.1), String($0.2)) }))
                self.series[series] = Double(words.last!)
            }
        }
    }

    mutating func remove(_ name: String) {
        types[name] = nil
        series = series.filter { $0.key.name != name }
    }

    mutating func removeLabel(_ label: String) {
        series = Dictionary(
            uniqueKeysWithValues: series.map { series, value in
                var series = series
                series.labels[label] = nil
                return (series, value)
            })
    }

    mutating func removeLoopbackTraffic() {
        series = series.filter { $0.key.labels["device"] != "lo" || !$0.key.name.contains(/(bytes|packets)_total/) }
    }

    /// What one has and the other has not, or has otherwise.
    func differences(from other: NodeNetworkPage) -> [String] {
        let names = Set(types.keys).union(other.types.keys).filter { types[$0] != other.types[$0] }
        let keys = Set(series.keys).union(other.series.keys).filter { series[$0] != other.series[$0] }
        return
            (names.map { "\($0): \(types[$0] ?? "-"), not \(other.types[$0] ?? "-")" }
            + keys.map { "\($0): \(series[$0]?.description ?? "-"), not \(other.series[$0]?.description ?? "-")" })
            .sorted()
    }
}
