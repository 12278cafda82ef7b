import TestSupport
import Testing

@testable import VexportCore

@Suite struct LinkTreeTests {
    /// The tree's lines: names, indented by level, groups parted by `-`.
    func outline(_ states: [(Int32, LinkState)]) -> String { outline(Snapshots.make(states).links) }

    func outline(_ links: [Snapshot.Link]) -> String {
        LinkTree(links).groups.map { group in
            (group.namespace.map { "\($0): " } ?? "")
                + group.rows.map { String(repeating: ".", count: $0.continues.count) + links[$0.link].name.description }
                .joined(separator: " ")
        }.joined(separator: " - ")
    }

    @Test("bridges come with their ports, pairs together, then taps, then the rest, numbers by their value")
    func order() {
        #expect(
            outline(Snapshots.night)
                == "br-lan .bond0 ..eth0 .qvb1234abcd-ef ..qvo1234abcd-ef .qvbin .veth0d1e2f .vethf3a1c2 .vnet2 .vnet10 "
                + "br-old .qvoin .vnet3 docker0 - left .right - tun0 - lo macvtap0")
    }

    @Test("a far end stands under its near end wherever that is, whichever is named first")
    func farEnds() {
        let port = Snapshots.link("z", .veth, master: 1, port: 3, peer: .init(index: 3))
        let far = Snapshots.link("a", .veth, peer: .init(index: 2))
        #expect(outline([(1, Snapshots.link("br0", .bridge)), (2, port), (3, far)]) == "br0 .z ..a")
    }

    @Test("a peer that does not agree, is the link itself or is not there, is none")
    func falsePeers() {
        func veth(_ name: EscapedText, _ peer: Int32, in namespace: Int32? = nil) -> LinkState {
            Snapshots.link(name, .veth, peer: .init(index: peer, namespaceID: namespace))
        }
        #expect(outline([(1, veth("a", 2)), (2, veth("b", 3)), (3, veth("c", 2, in: 4))]) == "a b c")
        #expect(outline([(1, veth("a", 1)), (2, veth("b", 99))]) == "a b")
    }

    @Test(
        "far ends in other namespaces stand under their near ends, the rest there comes by namespace, without loopbacks"
    )
    func namespaces() {
        func link(
            _ name: EscapedText, _ index: Int32, in namespace: EscapedText? = nil, kind: EscapedText = "veth",
            peer: Snapshot.Link.Reference? = nil, master: Int32? = nil
        ) -> Snapshot.Link {
            var link = Snapshots.make([(index, Snapshots.link(name, .veth))]).links[0]
            (link.namespace, link.kind, link.peer) = (namespace, kind, peer)
            link.master = master.map { .init(index: $0) }
            return link
        }
        // Everywhere the same indexes.
        let links = [
            link("near", 2, peer: .init(index: 2, namespace: "ct10")), link("lo", 1, kind: "loopback"),
            link("eth0", 2, in: "ct10", peer: .init(index: 2, namespace: "")),
            link("lo", 1, in: "ct10", kind: "loopback"), link("br0", 1, in: "ct9", kind: "bridge"),
            link("port", 2, in: "ct9", peer: .init(index: 3), master: 1),
            link("inner", 3, in: "ct9", peer: .init(index: 2)),
            // It says that its peer is `near`, which says otherwise.
            link("liar", 4, in: "ct10", peer: .init(index: 2, namespace: "")),
        ]
        #expect(outline(links) == "near .eth0 - lo - ct9: br0 .port ..inner - ct10: liar")
    }

    @Test("masters in circles, of themselves or of nowhere, lose no link")
    func circles() {
        func port(_ name: EscapedText, of master: Int32) -> LinkState { Snapshots.link(name, .bridge, master: master) }
        #expect(outline([(1, port("a", of: 2)), (2, port("b", of: 1))]) == "a .b")
        #expect(outline([(1, port("a", of: 1)), (2, port("b", of: 99))]) == "a b")
    }

    @Test("any graph of masters and peers lists every link once, eight levels deep at most")
    func anyGraph() {
        let seed: UInt64 = 20_261_128
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let count = Int32.random(in: 1...30, using: &random)
            var links = Snapshots.make(
                (1...count).map { index in
                    let kind = [LinkKind.bridge, .veth, .tap, .physical].randomElement(using: &random)!
                    return (index, Snapshots.link("l\(index)", kind))
                }
            ).links
            for place in links.indices {
                links[place].master = .init(index: .random(in: 1...count, using: &random))
                links[place].peer = .init(index: .random(in: 1...count, using: &random))
                links[place].index = .random(in: 1...count, using: &random)  // some twice
            }
            let rows = LinkTree(links).groups.flatMap(\.rows)
            #expect(rows.map(\.link).sorted() == Array(links.indices), "seed \(seed)")
            #expect(rows.allSatisfy { $0.continues.count <= 9 }, "seed \(seed)")
        }
    }

    @Test("a chain of any length is no deep recursion")
    func longChain() {
        let chain = (1...20_000).map { (Int32($0), Snapshots.link("l\($0)", .bridge, master: Int32($0) - 1)) }
        let links = Snapshots.make(chain).links
        #expect(LinkTree(links).groups.flatMap(\.rows).count == 20_000)
    }

    @Test(
        "names sort as people count",
        arguments: [
            ("vnet2", "vnet10"), ("vnet", "vnet0"), ("a9b", "a10a"), ("eth0.9", "eth0.10"), ("1", "a"), ("a", "b"),
            ("veth99999999999999999999998", "veth99999999999999999999999"), ("", "a"),
        ])
    func naturalOrder(_ first: String, _ second: String) {
        #expect(NaturalKey(first) < NaturalKey(second))
        #expect(!(NaturalKey(second) < NaturalKey(first)))
    }
}
