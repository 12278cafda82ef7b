import Testing

@testable import VexportCore

@Suite struct PipelineTests {
    let pipeline = Pipeline(Exposure(detail: .basic))
    let start = ContinuousClock.now

    func tick(_ rows: [(Int32, UInt64)], at seconds: Int, scheduled: Bool = true) {
        pipeline.performAndWait { pipeline in
            var samples = TickSamples()
            samples.moment = Moment(
                timestamp: Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000), instant: start + .seconds(seconds))
            for (index, value) in rows {
                samples.append(index: index, row: [UInt64](repeating: value, count: 25).span.bytes)
            }
            pipeline.ingest(samples, scheduled: scheduled)
        }
    }

    func apply(_ changes: LinkChange...) {
        pipeline.performAndWait { _ = $0.apply(changes, at: Timestamp(nanoseconds: 0)) }
    }

    func slot(_ name: EscapedText) -> Int? {
        let frame = pipeline.frames.latest!
        return (0..<frame.links.slotCount).first { frame.links[$0]?.link.state.name == name }
    }

    @Test("a counter that one link's row is too short for is absent, never 0")
    func unevenRows() {
        var samples = TickSamples()
        samples.append(index: 1, row: [UInt64](repeating: 5, count: 25).span.bytes)
        samples.append(index: 2, row: [UInt64](repeating: 5, count: 20).span.bytes)
        samples.append(index: 3, row: [UInt64](repeating: 5, count: 40).span.bytes)
        #expect(samples.counterCount == 20)
    }

    @Test("a rate is what the last two scheduled ticks say")
    func rate() throws {
        apply(.dump((1, LinkState(name: "a", kind: .veth))))
        tick([(1, 100)], at: 0)
        tick([(1, 5_000)], at: 1, scheduled: false)
        tick([(1, 300)], at: 2)
        let (earlier, later) = try #require(pipeline.frames.lastTwo)
        #expect(later.rate(.receiveBytes, slot: slot("a")!, since: earlier) == 100)
    }

    @Test("a counter that was reset is no negative rate")
    func reset() throws {
        apply(.dump((1, LinkState(name: "a", kind: .veth))))
        tick([(1, 1_000)], at: 0)
        tick([(1, 50)], at: 1)
        let (earlier, later) = try #require(pipeline.frames.lastTwo)
        #expect(later.rate(.receiveBytes, slot: slot("a")!, since: earlier) == 50)
    }

    @Test("a slot used again by another link has no rate yet")
    func slotReuse() throws {
        apply(.dump((1, LinkState(name: "a", kind: .veth))))
        tick([(1, 100)], at: 0)
        apply(.deleted(index: 1), .announced(index: 2, LinkState(name: "b", kind: .veth)))
        tick([(2, 500)], at: 1)
        let (earlier, later) = try #require(pipeline.frames.lastTwo)
        #expect(slot("a") == nil)
        #expect(later.rate(.receiveBytes, slot: try #require(slot("b")), since: earlier) == nil)
    }

    @Test("a frame that somebody holds never changes")
    func frozen() throws {
        apply(.dump((1, LinkState(name: "a", kind: .veth))))
        tick([(1, 1)], at: 0)
        let held = try #require(pipeline.frames.latest)
        for second in 1...20 { tick([(1, UInt64(second) * 10)], at: second) }
        apply(.announced(index: 1, LinkState(name: "z", kind: .veth)))
        tick([(1, 999)], at: 21)
        #expect(held.counter(.receiveBytes, slot: 0) == 1)
        #expect(held.links[0]?.link.state.name == "a")
    }

    @Test("a frame that is held through growing and shrinking dumps keeps its counters")
    func heldThroughGrowth() throws {
        apply(.dumped((1...1000).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        var samples = TickSamples()
        var held: [(count: Int32, frame: TickFrame)] = []
        for (round, count) in [10, 1000, 3, 700, 70, 1000, 999, 1, 64, 65].enumerated() as EnumeratedSequence<[Int32]> {
            samples.removeAll()
            for index in 1...count {
                let row = [UInt64](repeating: UInt64(index) * 100 + UInt64(round), count: 25)
                samples.append(index: index, row: row.span.bytes)
            }
            pipeline.performAndWait { $0.ingest(samples, scheduled: true) }
            held.append((count, try #require(pipeline.frames.latest)))
        }
        for (round, (count, frame)) in held.enumerated() {
            for slot in 0..<1000 {
                let index = try #require(frame.links[slot]).link.identity.index
                let expected = index <= count ? UInt64(index) * 100 + UInt64(round) : nil
                #expect(frame.counter(.receivePackets, slot: slot) == expected)
                #expect(frame.counter(.receiveOtherHostDropped, slot: slot) == expected)
            }
        }
    }

    @Test("links come, go and change order between ticks, and every counter finds its link")
    func order() throws {
        apply(.dumped((1...50).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        tick((1...50).map { ($0, UInt64($0)) }, at: 0)
        apply(.deleted(index: 10), .announced(index: 60, LinkState(name: "v60", kind: .veth)))
        tick(((11...60).reversed() + (1...9)).map { ($0, UInt64($0)) }, at: 1)
        let frame = try #require(pipeline.frames.latest)
        for slot in 0..<frame.links.slotCount {
            let link = try #require(frame.links[slot]?.link)
            #expect(frame.counter(.transmitBytes, slot: slot) == UInt64(link.place.index))
        }
    }

    @Test("a renamed bridge is renamed in its ports' labels")
    func dependents() throws {
        var port = LinkState(name: "p", kind: .veth)
        port.masterIndex = 1
        port.bridgePort = .init()
        apply(.dump((1, LinkState(name: "br0", kind: .bridge)), (2, port)))
        tick([], at: 0)
        apply(.announced(index: 1, LinkState(name: "br9", kind: .bridge)))
        tick([], at: 1)
        #expect(Page.render(pipeline.frames.latest!).contains(#"vexport_bridge_port_info{device="p",bridge="br9"} 1"#))
    }
}
