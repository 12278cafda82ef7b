import Foundation
import HostCollector
import Logging
import TestSupport
import Testing

@testable import LinkCollector
@testable import VexportCore

/// A namespace of a test's own whose links are diagnosed, with grace times of tenths of seconds.
final class Diagnosed {
    let namespace: Namespace
    let pipeline: Pipeline
    private let links: LinkCollector
    private let facts: FactCollector

    init(halfLife: Duration = FlapDamping().halfLife, _ prepare: (Namespace) throws -> Void = { _ in }) throws {
        namespace = try Namespace()
        try prepare(namespace)
        var damping = FlapDamping()
        damping.halfLife = halfLife
        pipeline = Pipeline(
            diagnosis: Diagnosis(
                damping: damping,
                timing: .init(
                    grace: 0.05, recheck: .milliseconds(300), closeLook: .milliseconds(100), sweep: .milliseconds(300),
                    lifetime: .seconds(2))))
        let pipeline = pipeline
        (links, facts) = try namespace.inside {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            var options = LinkCollector.Options()
            options.receiveBuffer = 16 << 20
            options.interval = .milliseconds(100)
            return (
                try LinkCollector(options: options, pipeline: pipeline, logger: logger),
                try FactCollector(
                    pipeline: pipeline, logger: logger, pace: .milliseconds(100), share: 2,
                    processes: ProcessSearch.answer)
            )
        }
        links.start()
        facts.start()
        try wait("the first tick") { pipeline.frames.latest != nil }
    }

    deinit {
        facts.stop()
        links.stop()
    }

    /// The findings of this namespace's own links: other tests' links are around.
    var findings: [Finding] { pipeline.findings.latest.filter { $0.namespace == nil } }

    func finding(_ kind: FindingKind, _ device: EscapedText) -> Finding? {
        findings.first { $0.kind == kind && $0.device == device }
    }

    func expect(_ kind: FindingKind, _ device: EscapedText, seconds: Int = 60) throws {
        try wait("\(kind.rawValue) of \(device); there is \(findings.map(\.reason))", seconds: seconds) {
            finding(kind, device) != nil
        }
    }

    func expectEvidence(_ fact: String, _ kind: FindingKind, _ device: EscapedText) throws {
        let evidence = try #require(finding(kind, device)?.evidence)
        #expect(evidence.contains { $0.fact == fact }, "\(evidence)")
    }

    func expectNo(_ kind: FindingKind, _ device: EscapedText) throws {
        try wait("the end of \(kind.rawValue) of \(device)", seconds: 60) { finding(kind, device) == nil }
    }

    /// Waits until a canary, whose peer is down, was found: what was there before it has been judged as well.
    func settle() throws {
        // Two, one after the other, so that what needs two looks had them.
        for _ in 0..<2 {
            try namespace.ipBatch([
                "link add canary type veth peer name canary-far", "link set canary up",
            ])
            try expect(.vethPeerDown, "canary")
            try namespace.ip("link del canary")
            try expectNo(.vethPeerDown, "canary")
        }
    }

    func start(_ scene: String, _ arguments: String...) throws -> Background {
        let path = Repository.root.appendingPathComponent("Tests/Scenes/\(scene).py").path
        let running = try Background(["ip", "netns", "exec", namespace.name, "python3", path] + arguments)
        try running.waitForLine("ready")
        return running
    }
}

/// Each class produced and cleared on real links.
@Suite(.serialized) struct FindingTests {
    @Test("a peer that is down in a container is found, with the command that would bring it up, and cleared by it")
    func peerDown() throws {
        let container = try Namespace()
        let life = try Background(["ip", "netns", "exec", container.name, "sleep", "600"])
        defer { life.kill() }
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up",
                "link add near type veth peer name eth0 netns \(container.name)", "link set near master br0 up",
            ])
        }
        try host.expect(.vethPeerDown, "near")
        let finding = try #require(host.finding(.vethPeerDown, "near"))
        #expect(finding.command == "ip -n \(container.name) link set dev eth0 up")
        try Command.run(try #require(finding.command).split(separator: " ").map(String.init))
        try host.expectNo(.vethPeerDown, "near")
    }

    @Test(
        "a namespace that nobody uses is found whatever holds it, and the holder is named",
        arguments: ["fd", "udp", "netlink", "tun", "mount"])
    func abandoned(mode: String) throws {
        let name = "vxh\(getpid())-\(mode)"
        try Command.run("ip", "netns", "add", name)
        let holder = try holdNamespace(mode, name)
        defer { release(holder, name) }
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up",
                "link add near type veth peer name eth0 netns \(name)", "link set near master br0 up",
            ])
        }
        try Command.run("ip", "-n", name, "link", "set", "eth0", "up")
        try Command.run("ip", "netns", "del", name)
        try host.expect(.vethPeerAbandoned, "near")
        let finding = try #require(host.finding(.vethPeerAbandoned, "near"))
        #expect(finding.severity == .warning)
        if mode != "mount" { #expect(finding.reason.contains("process \(holder.pid) (python3)"), "\(finding.reason)") }
        let words = ["fd": "an open descriptor", "udp": "a socket", "netlink": "a socket", "tun": "a tun descriptor"]
        #expect(finding.reason.contains(words[mode] ?? "a bind mount at /tmp/holdns-\(name)"), "\(finding.reason)")
        try host.namespace.ip("link del near")
        try host.expectNo(.vethPeerAbandoned, "near")
    }

    @Test("a namespace that only a mount elsewhere keeps, as it does Docker Swarm's, is used while it has an address")
    func mounted() throws {
        let name = "vxh\(getpid())-swarm"
        try Command.run("ip", "netns", "add", name)
        let holder = try holdNamespace("mount", name)
        defer { release(holder, name) }
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up",
                "link add near type veth peer name eth0 netns \(name)", "link set near master br0 up",
            ])
        }
        try Command.run("ip", "-n", name, "link", "set", "eth0", "up")
        try Command.run("ip", "-n", name, "addr", "add", "10.255.0.2/24", "dev", "eth0")
        try Command.run("ip", "netns", "del", name)
        try host.settle()
        #expect(host.finding(.vethPeerAbandoned, "near") == nil)
        try Command.run("nsenter", "--net=/tmp/holdns-\(name)", "ip", "addr", "flush", "dev", "eth0")
        try host.expect(.vethPeerAbandoned, "near")
        try host.expectEvidence("it has no address", .vethPeerAbandoned, "near")
    }

    @Test("a namespace in which only a thread lives, not its process' first, is not abandoned until the thread ends")
    func thread() throws {
        let name = "vxh\(getpid())-thread"
        try Command.run("ip", "netns", "add", name)
        let holder = try holdNamespace("fd-thread", name)
        defer { release(holder, name) }
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up",
                "link add near type veth peer name eth0 netns \(name)", "link set near master br0 up",
            ])
        }
        try Command.run("ip", "-n", name, "link", "set", "eth0", "up")
        try Command.run("ip", "netns", "del", name)
        try host.settle()
        #expect(host.finding(.vethPeerAbandoned, "near") == nil)
        holder.write("\n")
        try host.expect(.vethPeerAbandoned, "near")
    }

    /// Something that keeps a namespace alive; see Tests/Scenes/holdns.py.
    private func holdNamespace(_ mode: String, _ name: String) throws -> Background {
        let path = Repository.root.appendingPathComponent("Tests/Scenes/holdns.py").path
        let holder = try Background(["python3", path, mode, name])
        try holder.waitForLine("ready")
        return holder
    }

    /// Ends it, and the mount that it may have made.
    private func release(_ holder: Background, _ name: String) {
        holder.kill()
        _ = try? Command.run("sh", "-c", "umount /tmp/holdns-\(name); rm -f /tmp/holdns-\(name)")
    }

    @Test("a bridge that still sends into an abandoned veth has a dead port")
    func deadPort() throws {
        let container = try Namespace()
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up",
                "link add near type veth peer name eth0 netns \(container.name)", "link set near master br0 up",
            ])
            try namespace.run("bridge", "fdb", "add", "02:00:00:00:00:99", "dev", "near", "master", "static")
        }
        try host.expect(.vethDeadPort, "near")
        #expect(host.finding(.vethDeadPort, "near")?.reason.contains("1 address") == true)
        try host.namespace.run("bridge", "fdb", "del", "02:00:00:00:00:99", "dev", "near", "master")
        try host.expectNo(.vethDeadPort, "near")
        #expect(host.finding(.vethPeerDown, "near") != nil)
    }

    @Test("a veth that nothing uses is found, until a packet socket takes its frames")
    func unplumbed() throws {
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add left type veth peer name right", "link set left up", "link set right up",
                "addr add 192.0.2.1/24 dev right",
            ])
        }
        try host.expect(.vethUnplumbed, "left")
        #expect(host.finding(.vethUnplumbed, "right") == nil)
        let socket = try host.start("packetsock", "left")
        defer { socket.kill() }
        try host.expectNo(.vethUnplumbed, "left")
    }

    @Test("a persistent tap whose program died is found, and cleared by a new one")
    func tap() throws {
        let host = try Diagnosed { try $0.ipBatch(["tuntap add dev vnet0 mode tap", "link set vnet0 up"]) }
        try host.expect(.tapWithoutReader, "vnet0")
        let reader = try host.start("taphold", "vnet0")
        try host.expectNo(.tapWithoutReader, "vnet0")
        reader.kill()
        try host.expect(.tapWithoutReader, "vnet0")
        #expect(host.finding(.tapWithoutReader, "vnet0")?.command == "ip link del dev vnet0")
    }

    @Test("flaps that the kernel merges into few messages are counted, end in a finding, and that ends when they do")
    func flapping() throws {
        let host = try Diagnosed(halfLife: .milliseconds(500)) { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up", "link add left type veth peer name right",
                "link set left master br0 up", "link set right up",
            ])
        }
        try host.namespace.ipBatch((0..<400).flatMap { _ in ["link set right down", "link set right up"] })
        try host.expect(.linkFlapping, "left", seconds: 60)
        #expect(host.findings.contains { $0.kind == .linkFlapping && $0.severity == .warning })
        try host.expectNo(.linkFlapping, "left")
    }

    @Test("a container's port that does not forward is found, and cleared when it does")
    func blocked() throws {
        let container = try Namespace()
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up",
                "link add near type veth peer name eth0 netns \(container.name)", "link set near master br0 up",
            ])
        }
        try container.ip("link set eth0 up")
        try host.namespace.run("bridge", "link", "set", "dev", "near", "state", "0")
        try host.expect(.bridgePortBlocked, "near")
        try host.namespace.run("bridge", "link", "set", "dev", "near", "state", "3")
        try host.expectNo(.bridgePortBlocked, "near")
    }

    @Test("two containers with one MAC in one bridge are found, until one of them changes its own")
    func duplicate() throws {
        let (one, two) = (try Namespace(), try Namespace())
        let host = try Diagnosed { namespace in
            try namespace.ipBatch(["link add br0 type bridge", "link set br0 up"])
            for (name, other) in [("n1", one), ("n2", two)] {
                try namespace.ip("link add \(name) type veth peer name eth0 netns \(other.name)")
                try namespace.ip("link set \(name) master br0 up")
                try other.ip("link set eth0 address 02:00:00:00:00:77 up")
            }
        }
        try host.expect(.macDuplicate, "n1")
        try host.expect(.macDuplicate, "n2")
        try two.ip("link set eth0 address 02:00:00:00:00:78")
        try host.expectNo(.macDuplicate, "n1")
        try host.expectNo(.macDuplicate, "n2")
    }

    @Test("two guests with one MAC in one bridge are found, with their programs, until one of them is gone")
    func guests() throws {
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up", "tuntap add dev vnet0 mode tap",
                "tuntap add dev vnet1 mode tap", "link set vnet0 master br0 up", "link set vnet1 master br0 up",
            ])
        }
        let guests = try ["vnet0", "vnet1"].map { try host.start("guest", $0, "52:54:00:00:00:77") }
        defer { for guest in guests { guest.kill() } }
        try host.expect(.macDuplicate, "vnet0")
        try host.expect(.macDuplicate, "vnet1")
        try host.expectEvidence("process \(guests[1].pid) (python3) is behind vnet1", .macDuplicate, "vnet0")
        guests[1].kill()
        try host.expectNo(.macDuplicate, "vnet0")
        try host.expectNo(.macDuplicate, "vnet1")
    }
}
