import TestSupport
import Testing

@testable import VexportCore

/// Links in several namespaces: vexport's own, and two with the numbers 5 and 6.
@Suite struct NamespaceLinkTests {
    var inventory = Inventory()
    let now = Timestamp(nanoseconds: 1_000_000_000)
    let five = NamespaceID(number: 1)
    let six = NamespaceID(number: 2)

    init() {
        let own = NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)
        _ = inventory.apply(.allFollowed(own: own), at: now)
        for nsid in [5, 6] as [NSID] { _ = inventory.apply(.namespaceNumbered(nsid), at: now) }
        for nsid in [nil, 5, 6] as [NSID?] { _ = inventory.apply(.dumped(in: nsid, []), at: now) }
        _ = inventory.takeFollowUp()
    }

    @discardableResult
    mutating func apply(_ change: LinkChange, seconds: Int64 = 1) -> [LinkEvent] {
        inventory.apply(change, at: Timestamp(nanoseconds: seconds * 1_000_000_000))
    }

    func veth(_ name: EscapedText, peer: Int32? = nil, in nsid: NSID? = nil, mac: UInt8 = 1) -> LinkState {
        var state = LinkState(name: name, kind: .veth)
        state.address = HardwareAddress([2, 0, 0, 0, 0, mac])
        state.lowerLink = peer.map { LinkState.LowerLink(index: $0, namespaceID: nsid) }
        return state
    }

    func link(_ namespace: NamespaceID, _ index: Int32) -> Link? { inventory[LinkPlace(namespace, index)] }

    @Test("equal names and indexes in several namespaces are different links")
    mutating func equal() {
        for nsid in [nil, 5, 6] as [NSID?] {
            apply(.announced(in: nsid, index: 2, LinkState(name: "eth0", kind: .tap)))
        }
        #expect(Set([NamespaceID.own, five, six].map { link($0, 2)!.identity }).count == 3)
        #expect(inventory.slotCount == 3)
        #expect([NamespaceID.own, five, six].allSatisfy { !link($0, 2)!.nameIsTaken })
        apply(.deleted(in: 5, index: 2))
        #expect(link(five, 2) == nil)
        #expect(link(six, 2) != nil && link(.own, 2) != nil)
    }

    @Test("a new pair across namespaces is joined by the message of its end in vexport's own")
    mutating func birth() {
        apply(.announced(in: 5, index: 2, veth("far")))
        apply(.announced(index: 2, veth("near", peer: 2, in: 5)))
        #expect(link(.own, 2)?.peer == LinkPlace(five, 2))
        #expect(link(five, 2)?.peer == LinkPlace(.own, 2))
        #expect(inventory.takeFollowUp().doubtful.isEmpty)
    }

    @Test("a number in another namespace's message means nothing here, and leads to a question")
    mutating func foreignNumber() {
        apply(.announced(in: 5, index: 2, veth("far", peer: 9, in: 6)))
        #expect(link(five, 2)?.peer == nil)
        #expect(inventory.takeFollowUp().doubtful == [LinkAddress(5, 2)])
        apply(.asked(in: 5, index: 2, veth("far", peer: 9, in: 0)))
        #expect(link(five, 2)?.peer == LinkPlace(.own, 9))
        let events = apply(.announced(in: 5, index: 2, veth("far", peer: 9, in: 6)))
        #expect(link(five, 2)?.peer == nil, "no end there agrees")
        #expect(events.map(\.kind) == [.peerChanged])
    }

    @Test("where both ends agree another namespace's number says nothing new")
    mutating func agreement() {
        apply(.announced(in: 5, index: 2, veth("far")))
        apply(.announced(index: 3, veth("near", peer: 2, in: 5)))
        #expect(apply(.announced(in: 5, index: 2, veth("far", peer: 3, in: 6))).isEmpty)
        #expect(link(five, 2)?.peer == LinkPlace(.own, 3))
        #expect(inventory.takeFollowUp().doubtful.isEmpty)
    }

    @Test("a number of -1, as said while a namespace dies, changes nothing")
    mutating func dying() {
        apply(.announced(index: 3, veth("near", peer: 2, in: 5)))
        #expect(apply(.announced(index: 3, veth("near", peer: 2, in: -1))).isEmpty)
        #expect(link(.own, 3)?.peer == LinkPlace(five, 2))
        apply(.asked(index: 3, veth("near", peer: 2, in: -1)))
        #expect(link(.own, 3)?.peer == LinkPlace(five, 2))
        apply(.announced(index: 4, veth("unknown", peer: 2, in: -1)))
        #expect(link(.own, 4)?.peer == nil)
    }

    @Test("a link that leaves vexport's own namespace keeps identity, slot and peer")
    mutating func leave() throws {
        apply(.announced(index: 2, veth("far", mac: 1)))
        apply(.announced(index: 3, veth("near", peer: 2, mac: 2)))
        let before = try #require(link(.own, 2))
        let events = apply(.movedAway(index: 2, to: LinkAddress(5, 8)))
        #expect(events.map(\.kind) == [.moved(from: .own)])
        #expect(link(.own, 2) == nil)
        let after = try #require(link(five, 8))
        #expect(after.identity == before.identity && after.slot == before.slot)
        #expect(after.peer == LinkPlace(.own, 3))
        #expect(link(.own, 3)?.peer == LinkPlace(five, 8))
        #expect(link(.own, 3)?.state.lowerLink == .init(index: 8, namespaceID: 5))
        apply(.announced(in: 5, index: 8, veth("eth0", peer: 3, in: 1, mac: 1)))
        #expect(link(five, 8)?.identity == before.identity)
        #expect(link(five, 8)?.state.name == "eth0")
        #expect(link(five, 8)?.peer == LinkPlace(.own, 3))
    }

    @Test("a link that comes from another namespace keeps identity and slot")
    mutating func arrive() throws {
        apply(.announced(in: 5, index: 2, LinkState(name: "tap0", kind: .tap)))
        let before = try #require(link(five, 2))
        #expect(apply(.movedAway(in: 5, index: 2, to: LinkAddress(1, 7))).isEmpty)
        #expect(link(five, 2) == nil)
        let events = apply(.announced(index: 7, LinkState(name: "tap0", kind: .tap)))
        #expect(events.map(\.kind) == [.moved(from: five)])
        #expect(link(.own, 7)?.identity == before.identity)
        #expect(link(.own, 7)?.slot == before.slot)
    }

    @Test("two that look alike and are on their way at once are told apart by their peers")
    mutating func alike() throws {
        for (nsid, near) in [(5, 11), (6, 12)] as [(NSID, Int32)] {
            apply(.announced(in: nsid, index: 2, veth("far")))
            apply(.announced(index: near, veth("near\(near)", peer: 2, in: nsid, mac: 9)))
        }
        let wanted = try #require(link(six, 2)?.identity)
        for nsid in [5, 6] as [NSID] { apply(.movedAway(in: nsid, index: 2, to: LinkAddress(1, 2))) }
        #expect(inventory.takeFollowUp().doubtful == [11, 12])
        apply(.namespaceNumbered(7))
        apply(.asked(index: 12, veth("near12", peer: 2, in: 7, mac: 9)))
        apply(.dump(in: 7, (2, veth("far", peer: 12, in: 0))))
        let seven = NamespaceID(number: 3)
        #expect(link(seven, 2)?.identity == wanted)
        #expect(link(.own, 12)?.peer == LinkPlace(seven, 2))
    }

    @Test("two that look alike and have no peer are taken for new")
    mutating func indistinguishable() throws {
        for nsid in [5, 6] as [NSID] { apply(.announced(in: nsid, index: 2, LinkState(name: "t", kind: .tap))) }
        let old = [link(five, 2)!.identity, link(six, 2)!.identity]
        for nsid in [5, 6] as [NSID] { apply(.movedAway(in: nsid, index: 2, to: LinkAddress(1, 2))) }
        let events = apply(.announced(index: 2, LinkState(name: "t", kind: .tap)))
        #expect(events.map(\.kind) == [.created])
        #expect(!old.contains(link(.own, 2)!.identity))
    }

    @Test("a link that arrives nowhere is gone after half a minute, and its slot is free")
    mutating func lost() {
        apply(.announced(in: 5, index: 2, LinkState(name: "t", kind: .tap)))
        apply(.movedAway(in: 5, index: 2, to: LinkAddress(1, 2)))
        #expect(apply(.dumped(in: 6, []), seconds: 31).isEmpty)
        #expect(apply(.dumped(in: 6, []), seconds: 32).map(\.kind) == [.movedAway])
        apply(.announced(index: 9, LinkState(name: "u", kind: .tap)), seconds: 33)
        #expect(link(.own, 9)?.slot == 0)
    }

    @Test("a move between others that a dump has told of before its message makes no second link either")
    mutating func dumpedBeforeForeignMove() {
        apply(.announced(in: 5, index: 2, veth("far")))
        apply(.announced(index: 3, veth("near", peer: 2, in: 5, mac: 9)))
        let before = link(five, 2)!
        apply(.dump(in: 6, (8, veth("far", peer: 3, in: 0)), (9, veth("other", peer: 4, in: 0))))
        let events = apply(.movedAway(in: 5, index: 2, to: LinkAddress(1, 8)))
        #expect(events.map(\.kind) == [.moved(from: five)])
        #expect(link(six, 8)?.identity == before.identity && link(six, 8)?.slot == before.slot)
        #expect(link(.own, 3)?.peer == LinkPlace(six, 8))
        #expect(link(six, 9)?.state.name == "other")
    }

    @Test("a veth that is on its way goes with its peer")
    mutating func peerGoes() {
        apply(.announced(in: 5, index: 2, veth("far")))
        apply(.announced(index: 3, veth("near", peer: 2, in: 5)))
        apply(.movedAway(in: 5, index: 2, to: LinkAddress(1, 2)))
        #expect(apply(.deleted(index: 3)).map(\.name) == ["near", "far"])
        #expect(inventory.inTransit.isEmpty)
        #expect(inventory.changedSlots.contains(0) && inventory.link(slot: 0) == nil)
    }

    @Test("a move that a dump has told of before its message makes no second link")
    mutating func dumpedBeforeMove() {
        apply(.announced(index: 2, veth("far")))
        let before = link(.own, 2)!
        apply(.dump(in: 5, (2, veth("far2"))))
        let events = apply(.movedAway(index: 2, to: LinkAddress(5, 2)))
        #expect(events.map(\.kind) == [.moved(from: .own)])
        #expect(link(five, 2)?.identity == before.identity)
        #expect(link(five, 2)?.state.name == "far2")
    }

    @Test("a move onto the place of a link whose end was not told ends that one")
    mutating func occupied() {
        apply(.announced(in: 5, index: 2, veth("stale", mac: 7)))
        apply(.announced(index: 2, veth("far")))
        let events = apply(.movedAway(index: 2, to: LinkAddress(5, 2)))
        #expect(events.map(\.kind) == [.deleted, .moved(from: .own)])
        #expect(link(five, 2)?.state.name == "far")
    }

    @Test("a port that moves is a port no more")
    mutating func portMoves() {
        var port = veth("far")
        port.masterIndex = 9
        port.bridgePort = .init()
        apply(.asked(index: 2, port))
        apply(.movedAway(index: 2, to: LinkAddress(5, 2)))
        #expect(link(five, 2)?.state.masterIndex == nil)
        #expect(link(five, 2)?.state.bridgePort == nil)
    }

    @Test("when only vexport's own namespace is watched a move is an end")
    func unfollowed() {
        var inventory = Inventory()
        _ = inventory.apply(.announced(index: 2, veth("far")), at: now)
        #expect(inventory.apply(.movedAway(index: 2, to: LinkAddress(5, 2)), at: now).map(\.kind) == [.movedAway])
    }

    @Test("one end of a pair has series: the one in vexport's own namespace, else in the one known for longer")
    mutating func exposure() {
        for (nsid, inode) in [(5, 50), (6, 60)] as [(NSID, UInt64)] {
            let file = NamespaceFile(device: 4, inode: inode)
            apply(.namespaceSighted(NamespaceSighting(file: file, nsid: nsid)))
        }
        apply(.dump((2, veth("near", peer: 2, in: 5))))
        apply(
            .dump(
                in: 5, (1, LinkState(name: "lo", kind: .loopback)), (2, veth("far", peer: 2, in: 0)),
                (3, veth("a", peer: 3, in: 6)), (4, veth("in1", peer: 5)), (5, veth("in2", peer: 4)),
                (6, LinkState(name: "tap0", kind: .tap)), (7, veth("unknown"))))
        apply(.dump(in: 6, (3, veth("b", peer: 3, in: 5))))
        func exposed(farEnds: Bool) -> [String] {
            [NamespaceID.own, five, six].flatMap { inventory.links(in: $0) }
                .filter { inventory.isSampled($0, farEnds: farEnds) }.map(\.state.name.description).sorted()
        }
        #expect(exposed(farEnds: false) == ["a", "in1", "in2", "near", "tap0"])
        #expect(exposed(farEnds: true) == ["a", "b", "far", "in1", "in2", "near", "tap0", "unknown"])
    }

    @Test("carrier changes are counted where they happened")
    mutating func carriers() {
        var state = LinkState(name: "t", kind: .tap)
        for (nsid, changes) in [(5, 1), (5, 4), (nil, 1), (nil, 2)] as [(NSID?, UInt32)] {
            state.carrier = .init(isUp: false, changes: changes, ups: changes, downs: 0)
            apply(.announced(in: nsid, index: 2, state))
        }
        #expect(inventory.takeFollowUp().carrierChanges == [5: 3, nil: 1])
    }
}
