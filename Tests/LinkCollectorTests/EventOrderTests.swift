import Testing
import VexportCore

@testable import LinkCollector

@Suite struct EventOrderTests {
    func state(_ name: String) -> LinkState { LinkState(name: EscapedText(name.utf8), kind: .veth) }

    func apply(_ changes: [LinkChange]) -> [String] {
        var inventory = Inventory()
        for change in changes { _ = inventory.apply(change, at: Timestamp(nanoseconds: 0)) }
        return inventory.links.values.map(\.state.name.description).sorted()
    }

    @Test("events during a dump are applied after it: deleted stays deleted, created is there")
    func duringDump() {
        var order = EventOrder()
        order.beginAnswer()
        #expect(order.receive([.deleted(index: 1)]).isEmpty)
        #expect(order.receive([.announced(index: 3, state("c"))]).isEmpty)
        let (changes, lost) = order.endAnswer([.dumped([(Int32(1), state("a")), (Int32(2), state("b"))])])
        #expect(apply(changes) == ["b", "c"])
        #expect(!lost)
        #expect(order.receive([.deleted(index: 2)]).count == 1)
    }

    @Test("what was announced before the first dump was asked for is older than its answer")
    func beforeFirstDump() {
        var order = EventOrder()
        #expect(order.receive([.announced(index: 1, state("old")), .announced(index: 2, state("b"))]).isEmpty)
        order.beginAnswer()
        let (changes, _) = order.endAnswer([.dumped([(Int32(1), state("new"))])])
        #expect(apply(changes) == ["b", "new"])
    }

    @Test("a failed dump loses no event, and before the first one all wait")
    func failed() {
        var order = EventOrder()
        #expect(order.receive([.announced(index: 3, state("c"))]).isEmpty)
        order.beginAnswer()
        #expect(order.endAnswer(nil).changes.isEmpty)
        #expect(order.receive([.announced(index: 4, state("d"))]).isEmpty)
        order.beginAnswer()
        #expect(apply(order.endAnswer([.dumped([])]).changes) == ["c", "d"])
        order.beginAnswer()
        #expect(order.receive([.announced(index: 5, state("e"))]).isEmpty)
        #expect(apply(order.endAnswer(nil).changes) == ["e"])
    }

    @Test("more events than there is room for are dropped, and say so")
    func overflow() {
        var order = EventOrder()
        order.beginAnswer()
        _ = order.endAnswer([.dumped([])])
        order.beginAnswer()
        for _ in 0...EventOrder.limit { _ = order.receive([.deleted(index: 1)]) }
        _ = order.receive([.deleted(index: 1)])
        let (changes, lost) = order.endAnswer([])
        #expect(lost)
        #expect(changes.isEmpty)
    }
}
