import Foundation
import Testing

@testable import VexportCore

/// Paths through links in vexport's own namespace and in one with the number 5, where a container lives.
@Suite struct PathTests {
    /// A compute node: taps in a bridge of their own, a veth pair to what has no master; a container behind a bridge with an
    /// uplink.
    static var node: [(Int32, LinkState)] {
        func link(_ name: EscapedText, _ kind: LinkKind, master: Int32? = nil, peer: LinkState.LowerLink? = nil)
            -> LinkState
        {
            Snapshots.link(name, kind, master: master, port: master == nil ? nil : 3, peer: peer)
        }
        return [
            (2, link("vnet0", .tap, master: 3)), (3, link("qbr0", .bridge)),
            (4, link("qvb0", .veth, master: 3, peer: .init(index: 5))), (5, link("qvo0", .veth, peer: .init(index: 4))),
            (6, link("docker0", .bridge)), (7, link("eth0", .physical)),
            (8, link("eth0.7", .other("vlan"), master: 6, peer: .init(index: 7))),
            (10, link("veth1", .veth, master: 6, peer: .init(index: 2, namespaceID: 5))),
        ]
    }

    private let pipeline: Pipeline
    private let far = NamespaceFile(device: 4, inode: 5)
    private var own = NamespaceFile(device: 4, inode: 1)

    init() {
        pipeline = Pipeline(diagnosis: Diagnosis(timing: .init(grace: 0)))
        make(Self.node)
    }

    private func make(_ links: [(Int32, LinkState)]) {
        let (own, far) = (own, far)
        pipeline.performAndWait { pipeline in
            let now = Page.moment.timestamp
            _ = pipeline.apply(
                [
                    .allFollowed(own: NamespaceSighting(file: own, nsid: 0)),
                    .namespaceSighted(NamespaceSighting(file: far, nsid: 5)), .dumped(in: nil, links),
                    .dumped(
                        in: 5, [(2 as Int32, Snapshots.link("eth0", .veth, peer: .init(index: 10, namespaceID: 0)))]),
                ], at: now)
            var guest = Workload(.vm, name: "instance-0000002a".utf8, runtime: .libvirt)
            guest.id = Workload.text("629b29b9-b0fb-4766-b27d-f4a686d5cbda".utf8)
            guest.instance = Workload.text("web-1".utf8)
            var container = Workload(.container, name: "0123456789ab".utf8, runtime: .docker)
            container.id = Workload.text(String(repeating: "0123456789abcdef", count: 4).utf8)
            var owners = Owners()
            owners.own = own
            owners.taps = [.init(device: "vnet0", namespace: own, isCertain: true): guest]
            owners.namespaces = [far: .init(workload: container, thread: 7)]
            pipeline.enrich(.owners(owners))
        }
    }

    private func change(_ index: Int32, in nsid: NSID? = nil, _ state: LinkState?) {
        pipeline.performAndWait { pipeline in
            _ = pipeline.apply(
                [state.map { .asked(in: nsid, index: index, $0) } ?? .deleted(in: nsid, index: index)],
                at: Page.moment.timestamp)
        }
    }

    private func paths(_ words: String, _ namespace: String? = nil) -> [PathRecord] {
        var found: [PathRecord] = []
        pipeline.performAndWait { found = $0.paths(words, namespace: namespace) }
        return found
    }

    private func names(_ words: String, _ namespace: String? = nil) -> [[String]] {
        paths(words, namespace).map { path in path.hops.map { "\($0.link.name)" } + ["\(path.end.kind)"] }
    }

    private static let guest = ["vnet0", "qbr0", "qvb0", "qvo0", "no_master"]
    private static let container = ["eth0", "veth1", "docker0", "eth0.7", "eth0", "uplink"]

    @Test(
        "a path begins at a workload by any of its names, at a link that it goes through, or at a MAC",
        arguments: [
            ("instance-0000002a", guest), ("web-1", guest), ("629b29b9-b0fb-4766-b27d-f4a686d5cbda", guest),
            ("vnet0", guest), ("qbr0", guest), ("qvo0", guest), ("0123456789ab", container),
            ("0123456789abcdef", container), ("docker0", container), ("eth0", container),
        ])
    func beginnings(words: String, path: [String]) {
        #expect(names(words) == [path])
    }

    @Test("a link in another namespace is found there, and what nobody is called is not found")
    func otherNamespace() {
        #expect(names("eth0", "net:[5]") == [Self.container])
        #expect(names("eth0", "net:[6]") == [] && names("nobody") == [] && names("0123") == [])
    }

    @Test("a MAC is that of a far end, or one that a bridge has heard behind a tap")
    func addresses() throws {
        var end = Snapshots.link("eth0", .veth, peer: .init(index: 10, namespaceID: 0))
        end.address = HardwareAddress([2, 0, 0, 0, 0, 0xab])
        change(2, in: 5, end)
        #expect(names("02:00:00:00:00:AB") == [Self.container])
        pipeline.performAndWait { pipeline in
            var reading = BridgeReading()
            reading.forwarding = ForwardingEntries()
            reading.forwarding?.add([0x52, 0x54, 0, 0, 0, 1], isStatic: false)
            pipeline.ingestBridges([LinkPlace(.own, 2): reading], at: Page.moment)
        }
        #expect(names("52:54:00:00:00:01") == [Self.guest])
    }

    @Test("a port of Open vSwitch ends the path, and so does a bridge with workloads alone or with several ways on")
    func ends() {
        change(30, Snapshots.link("ovs-system", .openVSwitch))
        change(5, Snapshots.link("qvo0", .veth, master: 30, peer: .init(index: 4)))
        #expect(names("vnet0") == [Self.guest.dropLast() + ["open_vswitch"]])
        change(31, Snapshots.link("vx7", .other("vxlan"), master: 6, port: 3))
        #expect(names("veth1") == [["eth0", "veth1", "docker0", "several_ways"]])
        #expect(paths("veth1")[0].end.text.description.contains("eth0.7, vx7"))
        change(8, nil)
        #expect(names("veth1") == [["eth0", "veth1", "docker0", "vx7", "tunnel"]])
        change(31, nil)
        #expect(names("veth1") == [["eth0", "veth1", "docker0", "no_way_on"]])
    }

    @Test("bridges in a circle end a path")
    func circle() {
        for (bridge, other) in [(40, 42), (42, 40)] as [(Int32, Int32)] {
            change(bridge, Snapshots.link("b\(bridge)", .bridge))
            change(
                bridge + 1,
                Snapshots.link("p\(bridge)", .veth, master: bridge, port: 3, peer: .init(index: other + 1)))
        }
        #expect(names("b40") == [["b40", "p40", "p42", "b42", "no_way_on"]])
        change(
            41, Snapshots.link("p40", .veth, master: 42, port: 3, peer: .init(index: 43)))
        #expect(names("p40").first?.last == "circle")
    }

    @Test("a workload's path that narrows is a finding, whichever link gets narrower, until it is wide again")
    func narrowing() throws {
        func found() -> [String] {
            var found: [String] = []
            pipeline.performAndWait { pipeline in
                // Once for what changed, and once more as the answer to a look.
                for _ in 0..<2 {
                    var samples = TickSamples()
                    samples.moment = Page.moment
                    pipeline.ingest(samples, scheduled: true)
                    while let request = pipeline.takeFactRequest(at: Page.moment) {
                        var answer = FactAnswer(startedAt: Page.moment.instant)
                        for question in request.links {
                            var sheet = LinkFactSheet()
                            let inventory = pipeline.snapshot()
                            sheet.seen = inventory[question.place].map { LinkSighting($0.state) }
                            sheet.peerSeen = question.peer.flatMap { inventory[$0.place] }.map {
                                LinkSighting($0.state)
                            }
                            answer.links[question.place] = sheet
                        }
                        pipeline.take(answer, at: Page.moment)
                        if request.links.isEmpty { break }
                    }
                }
                found = pipeline.findings.latest.filter { $0.kind == .mtuMismatch }
                    .map { "\($0.device) \($0.severity) \($0.workload?.text ?? "")" }
            }
            return found
        }
        #expect(found() == [])
        var narrow = Self.node[3].1
        narrow.mtu = 1450
        change(5, narrow)
        #expect(found() == ["vnet0 info vm instance-0000002a (web-1)"], "the far end of the bridge's way on")
        change(5, Self.node[3].1)
        #expect(found() == [])
        var vlan = Self.node[6].1
        vlan.mtu = 1400
        change(8, vlan)
        #expect(found() == ["veth1 warning container 0123456789ab"])
        let path = try #require(paths("0123456789ab").first)
        #expect(path.isWrong && path.mtu == 1400)
        change(8, nil)
        #expect(found() == [], "the path ends before")
    }

    @Test("a path reads the same after JSON, and its lines tell owner, links, MTUs and where it ends")
    func record() throws {
        let path = try #require(paths("web-1").first)
        #expect(try JSONDecoder().decode(PathRecord.self, from: JSONEncoder().encode(path)) == path)
        let lines = path.text(TableStyle()).split(separator: "\n").map(String.init)
        #expect(lines[0] == "vm instance-0000002a (web-1), libvirt, 629b29b9-b0fb-4766-b27d-f4a686d5cbda")
        #expect(lines[2].hasPrefix("  vnet0 tap    up") && lines[2].hasSuffix("mtu 1500"))
        #expect(lines.suffix(2).joined(separator: " ").contains("Open vSwitch has it, which vexport does not ask"))
    }
}
