import TestSupport
import Testing

@testable import VexportCore

@Suite struct InventoryTests {
    var inventory = Inventory()
    let now = Timestamp(nanoseconds: 1_000_000_000)

    init() {
        _ = inventory.apply(.dumped([]), at: now)
    }

    func veth(_ name: EscapedText, peer: Int32? = nil, changes: UInt32 = 1) -> LinkState {
        var state = LinkState(name: name, kind: .veth)
        state.lowerLink = peer.map { LinkState.LowerLink(index: $0) }
        state.carrier = .init(isUp: false, changes: changes, ups: changes / 2, downs: changes - changes / 2)
        return state
    }

    @Test("the first dump is what was there, not news")
    func firstDump() {
        var fresh = Inventory()
        let events = fresh.apply(.dump((1, veth("a")), (2, veth("b", peer: 1))), at: now)
        #expect(events.isEmpty)
        #expect(fresh.links.count == 2)
    }

    @Test("a rename keeps the identity, a re-created name is a new link")
    mutating func identity() {
        _ = inventory.apply(.announced(index: 5, veth("a")), at: now)
        let born = inventory.links[5]!.identity
        let events = inventory.apply(.announced(index: 5, veth("b")), at: now)
        #expect(events.map(\.kind) == [.renamed(from: "a")])
        #expect(inventory.links[5]!.identity == born)
        _ = inventory.apply(.deleted(index: 5), at: now)
        _ = inventory.apply(.announced(index: 5, veth("b")), at: now)
        #expect(inventory.links[5]!.identity != born)
    }

    @Test("a speed stays known whatever else is told, and goes with the link")
    mutating func speed() {
        _ = inventory.apply(.announced(index: 5, veth("a")), at: now)
        _ = inventory.takeChangedSlots()
        let speed = LinkState.Speed(megabits: 100, duplex: .half)
        #expect(inventory.apply(.speeds([5: speed, 6: speed]), at: now).isEmpty)
        #expect(inventory.takeChangedSlots() == [inventory.links[5]!.slot])
        _ = inventory.apply(.announced(index: 5, veth("b")), at: now)
        _ = inventory.apply(.asked(index: 5, veth("c")), at: now)
        #expect(inventory.links[5]!.state.speed == speed)
        _ = inventory.takeChangedSlots()
        _ = inventory.apply(.speeds([5: speed]), at: now)
        #expect(inventory.takeChangedSlots().isEmpty)
        _ = inventory.apply(.deleted(index: 5), at: now)
        _ = inventory.apply(.announced(index: 5, veth("b")), at: now)
        #expect(inventory.links[5]!.state.speed == nil)
    }

    @Test("the second end of a new veth tells both their peer")
    mutating func vethBirth() {
        _ = inventory.apply(.announced(index: 8, veth("b")), at: now)
        #expect(inventory.links[8]!.localPeerIndex == nil)
        _ = inventory.apply(.announced(index: 9, veth("a", peer: 8)), at: now)
        #expect(inventory.links[8]!.localPeerIndex == 9)
        #expect(inventory.links[9]!.localPeerIndex == 8)
    }

    @Test("a port's state comes from bridge messages, a link message does not undo it")
    mutating func portState() {
        var stale = veth("a")
        stale.masterIndex = 3
        stale.bridgePort = .init()
        stale.bridgePort?.state = 0
        _ = inventory.apply(.announced(index: 5, stale), at: now)
        #expect(inventory.links[5]!.state.bridgePort?.state == nil)
        var port = LinkState.BridgePort()
        port.state = 3
        let events = inventory.apply(.portAnnounced(index: 5, port), at: now)
        #expect(events.map(\.kind) == [.portStateChanged(from: nil)])
        _ = inventory.apply(.announced(index: 5, stale), at: now)
        #expect(inventory.links[5]!.state.bridgePort?.state == 3)
    }

    @Test("a bridge's DELLINK is a release, not the link's end")
    mutating func release() {
        _ = inventory.apply(.announced(index: 5, veth("a")), at: now)
        var port = LinkState.BridgePort()
        port.state = 3
        _ = inventory.apply(.portAnnounced(index: 5, port), at: now)
        _ = inventory.apply(.portReleased(index: 5), at: now)
        #expect(inventory.links[5] != nil)
        #expect(inventory.links[5]?.state.bridgePort == nil)
    }

    @Test("carrier counters count flaps that the kernel merged")
    mutating func mergedFlaps() {
        _ = inventory.apply(.announced(index: 5, veth("a", changes: 1)), at: now)
        let events = inventory.apply(.announced(index: 5, veth("a", changes: 41)), at: now)
        #expect(events.map(\.kind) == [.carrierChanged(isUp: false, ups: 20, downs: 20)])
    }

    @Test("an event older than what is known does not turn the carrier back")
    mutating func lateEvent() {
        _ = inventory.apply(.announced(index: 5, veth("a", changes: 10)), at: now)
        let identity = inventory.links[5]!.identity
        var old = veth("a", changes: 8)
        old.carrier.isUp = true
        let events = inventory.apply(.announced(index: 5, old), at: now)
        #expect(events.isEmpty)
        #expect(inventory.links[5]!.state.carrier.changes == 10)
        #expect(inventory.links[5]!.identity == identity)
    }

    @Test("carrier counters that wrap are not old")
    mutating func wrap() {
        _ = inventory.apply(.announced(index: 5, veth("a", changes: .max)), at: now)
        _ = inventory.apply(.announced(index: 5, veth("a", changes: 1)), at: now)
        #expect(inventory.links[5]!.state.carrier.changes == 1)
    }

    @Test("a dump with lower carrier counters shows a link re-created behind our back")
    mutating func recreatedBehindOurBack() {
        _ = inventory.apply(.announced(index: 5, veth("a", changes: 10)), at: now)
        let events = inventory.apply(.dump((5, veth("a", changes: 1))), at: now)
        #expect(events.map(\.kind) == [.deleted, .created])
        #expect(!events.contains { !$0.isInferred })
    }

    @Test("absence from a dump deletes nothing, the kernel's no does")
    mutating func shortDump() {
        _ = inventory.apply(.announced(index: 5, veth("a")), at: now)
        let events = inventory.apply(.dumped([]), at: now)
        #expect(events.isEmpty)
        #expect(inventory.takeFollowUp().doubtful == [5])
        #expect(inventory.apply(.notFound(index: 5), at: now).map(\.isInferred) == [true])
        #expect(inventory.links.isEmpty)
    }

    @Test("two links never have one name: the former holder is hidden and asked for")
    mutating func nameTaken() {
        _ = inventory.apply(.announced(index: 5, veth("a")), at: now)
        _ = inventory.apply(.announced(index: 6, veth("a")), at: now)
        #expect(inventory.links[5]!.nameIsTaken)
        #expect(!inventory.links[6]!.nameIsTaken)
        #expect(inventory.takeFollowUp().doubtful.contains(5))
        _ = inventory.apply(.asked(index: 5, veth("c")), at: now)
        #expect(!inventory.links[5]!.nameIsTaken)
    }

    @Test("a swap of two names by way of a third ends right")
    mutating func nameSwap() {
        for (index, name) in [(5, "a"), (6, "b"), (5, "t"), (6, "a"), (5, "b")] as [(Int32, EscapedText)] {
            _ = inventory.apply(.announced(index: index, veth(name)), at: now)
        }
        #expect(inventory.links.mapValues(\.state.name) == [5: "b", 6: "a"])
        #expect(inventory.links.values.allSatisfy { !$0.nameIsTaken })
    }

    @Test("a tap is asked for after its event, since nobody announces its persistence")
    mutating func tapIsDoubtful() {
        _ = inventory.apply(.announced(index: 7, LinkState(name: "t", kind: .tap)), at: now)
        #expect(inventory.takeFollowUp().doubtful == [7])
        _ = inventory.apply(.asked(index: 7, LinkState(name: "t", kind: .tap)), at: now)
        #expect(inventory.takeFollowUp().doubtful.isEmpty)
    }

    @Test("slots are used again, and never by two links")
    mutating func slots() {
        for index in 1...100 as ClosedRange<Int32> {
            _ = inventory.apply(.announced(index: index, veth("v\(index)")), at: now)
        }
        for index in 1...50 as ClosedRange<Int32> { _ = inventory.apply(.deleted(index: index), at: now) }
        for index in 201...250 as ClosedRange<Int32> {
            _ = inventory.apply(.announced(index: index, veth("v\(index)")), at: now)
        }
        #expect(inventory.slotCount == 100)
        #expect(Set(inventory.links.values.map(\.slot)).count == 100)
    }

    @Test("a move to another namespace is an end of its own kind")
    mutating func moveAway() {
        _ = inventory.apply(.announced(index: 5, veth("a")), at: now)
        #expect(inventory.apply(.movedAway(index: 5), at: now).map(\.kind) == [.movedAway])
    }
}
