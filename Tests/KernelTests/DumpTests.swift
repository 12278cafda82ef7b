import Foundation
import TestSupport
import Testing

@testable import VexportCore

/// `vexport dump`, as its users run it, on real links.
@Suite(.serialized) struct DumpTests {
    static let binary = DaemonTests.binary

    /// Runs it inside, with a shell to look at what programs look at: exit status, terminal, pipe.
    func dump(
        _ namespace: Namespace, _ shell: String, options: String = "--links.namespaces own"
    ) throws -> String {
        try namespace.run("bash", "-c", shell.replacingOccurrences(of: "dump", with: "\(Self.binary) dump \(options)"))
    }

    func snapshot(_ text: String) throws -> Snapshot { try Snapshot(json: Array(text.utf8)) }

    @Test("without a daemon the kernel is read, and one line says so")
    func kernel() throws {
        let namespace = try DaemonTests.scene()
        // A /run of its own, without any daemon's socket.
        let text = try dump(
            namespace, "mount -t tmpfs tmpfs /run && { dump 2>/run/errors; echo status $?; cat /run/errors; }")
        #expect(text.contains("totals, no rates") && text.contains("\nstatus 0\n"))
        let complaint = text.components(separatedBy: "status 0\n")[1]
        #expect(complaint.hasPrefix("vexport dump: /run/vexport/vexport.sock: no such socket"))
        #expect(complaint.filter { $0 == "\n" }.count == 1)
        for line in text.split(separator: "\n") where !line.hasPrefix("vexport") {
            #expect(line.unicodeScalars.count <= 80, "\(line)")
        }
        #expect(text.contains("  br0") && text.contains(#"esc\x1b[31m"#) && text.contains(#"b\\xff"#))
    }

    @Test("its snapshot says of every link what ip says")
    func likeIP() throws {
        let (namespace, other) = (try Namespace(), try Namespace())
        try namespace.ipBatch([
            "link add br0 type bridge stp_state 1", "link set br0 up", "link add veth0 type veth peer name veth1",
            "link set veth0 master br0 up", "link set veth1 up", "tuntap add dev tap0 mode tap",
            "link add near type veth peer name far netns \(other.name)",
        ])
        let taken = try snapshot(try dump(namespace, "dump --socket '' --format json"))
        #expect(!taken.isFromDaemon && taken.rateInterval == nil)
        let json = try namespace.ip("-s -d -j link show")
        let ip = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(taken.links.count == ip.count)
        for link in taken.links {
            let object = try #require(ip.first { $0["ifindex"] as? Int == Int(link.index) }, "\(link.name)")
            #expect(link.mtu.map { Int($0) } == object["mtu"] as? Int, "\(link.name)")
            #expect(link.operstate?.description == (object["operstate"] as? String)?.lowercased(), "\(link.name)")
            #expect(link.isAdminUp == (object["flags"] as? [String])?.contains("UP"), "\(link.name)")
            #expect(link.master?.name?.description == object["master"] as? String, "\(link.name)")
            #expect(link.peer?.namespaceID.map { Int($0) } == object["link_netnsid"] as? Int, "\(link.name)")
            let stats = object["stats64"] as? [String: [String: Any]]
            #expect(link.counters?[.transmitBytes].map { Int($0) } == stats?["tx"]?["bytes"] as? Int, "\(link.name)")
        }
        #expect(taken.links.first { $0.name == "veth0" }?.peer?.name == "veth1")
        #expect(taken.links.first { $0.name == "veth0" }?.bridgePort?.state == "listening")
        #expect(taken.links.first { $0.name == "tap0" }?.tun?.isPersistent == true)
    }

    @Test("links of other namespaces are there, pairs beside each other across them, with and without a daemon")
    func otherNamespaces() throws {
        let (namespace, other) = (try Namespace(), try Namespace())
        try namespace.ipBatch([
            "link add near type veth peer name far netns \(other.name)", "link set near up",
        ])
        try other.ip("link add alone type bridge")
        func expectShown(_ command: String) throws {
            let json = try snapshot(try dump(namespace, "\(command) --format json", options: ""))
            let near = try #require(json.links.first { $0.name == "near" && $0.namespace == nil })
            #expect(near.peer?.name == "far" && near.peer?.namespace == EscapedText(other.name.utf8))
            let far = try #require(json.links.first { $0.name == "far" && $0.namespace == near.peer?.namespace })
            #expect(far.index == near.peer?.index && far.peer?.name == "near" && far.peer?.namespace == "")
            let table = try dump(namespace, "COLUMNS=120 \(command)", options: "")
            let lines = table.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let place = try #require(lines.firstIndex { $0.hasPrefix("! near") })
            #expect(lines[place + 1].contains("far") && lines[place + 1].contains("far end in netns \(other.name)"))
            let title = try #require(lines.firstIndex(of: "  netns \(other.name)"))
            #expect(lines[title + 1].contains("alone"))
        }
        try expectShown("dump --socket ''")
        let daemon = try DaemonTests.serve(namespace, "--links.namespaces", "all")
        try wait("the other namespace") {
            try dump(namespace, "dump --socket \(namespace.socket)", options: "").contains("alone")
        }
        try expectShown("dump --socket \(namespace.socket)")
        #expect(daemon.stop() == 0)
    }

    @Test("a daemon's dump has rates, in all three formats, and takes the daemon's page for OpenMetrics")
    func daemon() throws {
        let namespace = try DaemonTests.scene()
        let other = try Namespace()
        try namespace.ipBatch([
            "link add near type veth peer name far netns \(other.name)", "addr add 10.1.0.1/24 dev near",
            "link set near up",
        ])
        try other.ipBatch(["addr add 10.1.0.2/24 dev far", "link set far up"])
        let daemon = try DaemonTests.serve(namespace)
        let ping = try Background(
            ["ip", "netns", "exec", namespace.name, "ping", "-i", "0.01", "-s", "1000", "10.1.0.2"])
        var taken: Snapshot!
        try wait("a rate") {
            taken = try snapshot(try dump(namespace, "dump --socket \(namespace.socket) --format json"))
            return taken.links.first { $0.name == "near" }?.rates?[.receiveBytes] ?? 0 > 10_000
        }
        #expect(taken.isFromDaemon)
        #expect((0.5...3).contains(try #require(taken.rateInterval)))
        let table = try dump(namespace, "VEXPORT_SOCKET=\(namespace.socket) dump")
        #expect(table.contains("rates over ") && table.contains("RX TX bit/s"))
        #expect(table.contains("  near "))
        let page = try dump(namespace, "dump --socket \(namespace.socket) --format openmetrics")
        #expect(page.contains("process_cpu_seconds_total") && page.hasSuffix("\n# EOF\n"))
        ping.stop()
        #expect(daemon.stop() == 0)
        let left = try dump(namespace, "dump --socket \(namespace.socket) 2>&1; echo status $?")
        #expect(left.hasPrefix("vexport dump: \(namespace.socket): no such socket") && left.hasSuffix("status 3\n"))
    }

    @Test("colour only on a terminal that wants it")
    func terminal() throws {
        let namespace = try DaemonTests.scene()
        func onTerminal(_ environment: String) throws -> String {
            try dump(namespace, "script -qec \"env -u NO_COLOR \(environment) dump --socket ''\" /dev/null < /dev/null")
        }
        #expect(try onTerminal("TERM=xterm").contains("\u{1b}["))
        for environment in ["TERM=xterm NO_COLOR=1", "TERM=dumb"] {
            #expect(try !onTerminal(environment).contains("\u{1b}"), "\(environment)")
        }
        #expect(try !dump(namespace, "TERM=xterm dump --socket ''").contains("\u{1b}"))
    }

    @Test("a pipe that closes early ends it quietly, a full disk with status 3")
    func pipes() throws {
        let namespace = try DaemonTests.scene()
        try namespace.ipBatch((0..<300).map { "link add v\($0) type veth peer name w\($0)" })
        let daemon = try DaemonTests.serve(namespace)
        for socket in ["", namespace.socket] {
            for format in ["table", "json", "openmetrics"] {
                let command = "dump --socket '\(socket)' --format \(format)"
                let head = try dump(namespace, "{ \(command) | head -c 10; echo; echo ${PIPESTATUS[0]}; } 2>&1")
                #expect(["0", "141"].contains(head.split(separator: "\n").last), "\(command): \(head)")
                #expect(head.split(separator: "\n").count == 2, "\(command): \(head)")
                let full = try dump(namespace, "\(command) 2>&1 > /dev/full; echo $?")
                #expect(full == "vexport dump: can't write to standard output: No space left on device\n3\n")
            }
        }
        #expect(daemon.stop() == 0)
    }

    @Test("a daemon that is none, or another's, is told from a daemon")
    func strangers() throws {
        let namespace = try Namespace()
        let strangers: [(String, String)] = [
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nno\u{1b}[2J\n", #"status 404: no\x1b[2J"#),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "not a snapshot of vexport"),
            ("SSH-2.0-OpenSSH\r\n", "not an answer of vexport"),
            ("", "the connection ended before the answer did"),
        ]
        for (answer, complaint) in strangers {
            let stranger = try FakeDaemon { $0.send(answer) }
            let text = try dump(namespace, "dump --socket \(stranger.path) 2>&1; echo status $?")
            #expect(text.contains(complaint) && text.hasSuffix("\nstatus 3\n"), "\(text)")
            #expect(text.filter { $0 == "\n" }.count == 2 && !text.contains("\u{1b}"), "\(text)")
        }
    }

    @Test("who may not talk to the daemon is told so, and sees by himself what the kernel shows")
    func permission() throws {
        let namespace = try DaemonTests.scene()
        let daemon = try DaemonTests.serve(namespace)
        // Without capabilities root is a user like others, to whom the socket's mode matters.
        let user = "chmod 0 \(namespace.socket); setpriv --bounding-set=-all --inh-caps=-all"
        let refused = try dump(namespace, "\(user) dump --socket \(namespace.socket) 2>&1; echo status $?")
        #expect(refused.contains("\(namespace.socket): permission denied") && refused.hasSuffix("status 3\n"))
        #expect(try dump(namespace, "\(user) dump --socket ''").contains("  br0"))
        #expect(daemon.stop() == 0)
    }

    @Test("wrong usage is status 2")
    func usage() throws {
        let namespace = try Namespace()
        #expect(try dump(namespace, "dump --format xml 2>/dev/null; echo $?") == "2\n")
    }
}
