import Testing

@testable import VexportCore

/// Flaps by the counters, stepped by a clock.
@Suite struct FlapDampingTests {
    var inventory = Inventory()
    var table = FlapTable(FlapDamping())
    let start = ContinuousClock.now

    mutating func see(downs: UInt32, isUp: Bool = true, at seconds: Double) {
        var state = LinkState(name: "tap0", kind: .tap)
        state.flags = isUp ? .up : []
        state.carrier = .init(isUp: true, changes: downs &* 2, ups: downs, downs: downs)
        _ = inventory.apply(.asked(index: 3, state), at: Timestamp(nanoseconds: 0))
        let link = inventory.links[3]!
        _ = table.update(link.slot, link, peer: nil, at: start + .seconds(seconds))
    }

    var flaps: LinkFlaps? { table.flaps[inventory.links[3]!.slot] }

    func penalty(at seconds: Double) -> Double {
        flaps!.penalty(at: start + .seconds(seconds), table.damping).rounded()
    }

    @Test("what was before the first look is no flap")
    mutating func birth() {
        see(downs: 7, at: 0)
        #expect(flaps == nil)
    }

    @Test("two flaps suppress, and the penalty halves in a minute until the link may be used again")
    mutating func fades() {
        see(downs: 0, at: 0)
        see(downs: 1, at: 1)
        #expect(penalty(at: 1) == 1000)
        #expect(flaps?.isSuppressed == false)
        see(downs: 2, at: 1)
        #expect(flaps?.isSuppressed == true)
        #expect(penalty(at: 61) == 1000)
        #expect(table.settle(at: start + .seconds(61)).isEmpty)
        #expect(table.settle(at: start + .seconds(86)) == [inventory.links[3]!.slot])
        #expect(flaps?.isSuppressed == false)
        #expect(flaps?.raw == 2)
    }

    @Test("800 changes that come as one message count as 400 flaps, and no storm is remembered for longer than the cap")
    mutating func merged() {
        see(downs: 0, at: 0)
        see(downs: 400, at: 4)
        #expect(flaps?.raw == 400)
        #expect(flaps?.damped == 398)
        #expect(penalty(at: 4) == 8000)
        #expect(table.settle(at: start + .seconds(208)).isEmpty)
        #expect(table.settle(at: start + .seconds(210)).count == 1)
    }

    @Test("the step down of a link that somebody took down is no flap")
    mutating func administrative() {
        see(downs: 0, at: 0)
        for round in 1...20 as ClosedRange<UInt32> {
            see(downs: round, isUp: false, at: Double(round))
            see(downs: round, isUp: true, at: Double(round) + 0.5)
        }
        #expect(flaps == nil)
        see(downs: 23, isUp: false, at: 30)
        #expect(flaps?.raw == 2)
    }

    @Test("under other settings what is left of a penalty stays, and is judged and fades by them")
    mutating func otherSettings() {
        see(downs: 0, at: 0)
        see(downs: 2, at: 0)
        var damping = FlapDamping()
        damping.suppress = 3000
        damping.reuse = 1500
        let slot = inventory.links[3]!.slot
        #expect(table.setDamping(damping, at: start + .seconds(20)) == [slot])
        #expect(flaps?.isSuppressed == true, "1587 of 2000 are left")
        #expect(table.settle(at: start + .seconds(25)) == [slot])
        damping.suppress = 1000
        damping.reuse = 200
        damping.halfLife = .seconds(1)
        _ = table.setDamping(damping, at: start + .seconds(25))
        #expect(flaps?.isSuppressed == true)
        #expect(penalty(at: 25) == 1498)
        #expect(penalty(at: 26) == 749)
        #expect(table.settle(at: start + .seconds(28)) == [slot])
        damping.suppress = 30
        damping.cap = 2
        _ = table.setDamping(damping, at: start + .seconds(28))
        #expect(penalty(at: 28) == 60)
    }

    @Test("counters that wrap count on")
    mutating func wraps() {
        see(downs: .max, at: 0)
        var state = LinkState(name: "tap0", kind: .tap)
        state.flags = .up
        state.carrier = .init(isUp: true, changes: 1, ups: 1, downs: 1)
        var link = inventory.links[3]!
        link.state = state
        _ = table.update(link.slot, link, peer: nil, at: start + .seconds(1))
        #expect(flaps?.raw == 2)
    }
}
