import Testing

@testable import VexportCore

/// Counters of links in other namespaces, which are read less often.
@Suite struct RemoteCountersTests {
    let pipeline: Pipeline
    let start = ContinuousClock.now
    let five = NamespaceID(number: 1)
    let six = NamespaceID(number: 2)

    init() {
        pipeline = Pipeline(Exposure(detail: .basic, showsNodeExporter: true))
        apply(
            .allFollowed(own: NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)),
            .namespaceSighted(NamespaceSighting(file: NamespaceFile(device: 4, inode: 5), nsid: 5)),
            .namespaceSighted(NamespaceSighting(file: NamespaceFile(device: 4, inode: 6), nsid: 6)),
            .dump((2, LinkState(name: "own", kind: .tap))), .dump(in: 5, (2, LinkState(name: "a", kind: .tap))),
            .dump(in: 6, (2, LinkState(name: "b", kind: .tap))))
    }

    func apply(_ changes: LinkChange...) {
        pipeline.performAndWait { _ = $0.apply(changes, at: Timestamp(nanoseconds: 0)) }
    }

    func samples(_ rows: [(Int32, UInt64)], at seconds: Int) -> TickSamples {
        var samples = TickSamples()
        samples.moment = Moment(timestamp: Timestamp(nanoseconds: 0), instant: start + .seconds(seconds))
        for (index, value) in rows {
            samples.append(index: index, row: [UInt64](repeating: value, count: 25).span.bytes)
        }
        return samples
    }

    func tick(at seconds: Int) {
        let value = UInt64(seconds)
        pipeline.performAndWait { $0.ingest(samples([(2, value)], at: seconds), scheduled: true) }
    }

    func round(_ rows: [(NamespaceID, Int32, UInt64)], at seconds: Int) {
        var parts: [RemotePart] = []
        for (row, (namespace, _, _)) in rows.enumerated() {
            if parts.last?.namespace == namespace {
                parts[parts.count - 1].rows = parts.last!.rows.lowerBound..<(row + 1)
            } else {
                parts.append(RemotePart(namespace: namespace, rows: row..<(row + 1)))
            }
        }
        pipeline.performAndWait { $0.ingestRemote(samples(rows.map { ($0.1, $0.2) }, at: seconds), parts) }
    }

    func bytes(_ name: EscapedText) -> UInt64? {
        let frame = pipeline.frames.latest!
        return slot(name).flatMap { frame.counter(.receiveBytes, slot: $0) }
    }

    func slot(_ name: EscapedText) -> Int? {
        let frame = pipeline.frames.latest!
        return (0..<frame.links.slotCount).first { frame.links[$0]?.link.state.name == name }
    }

    @Test("equal indexes in several namespaces each get their own counters, in every tick until the next round")
    func equalIndexes() {
        tick(at: 0)
        #expect(bytes("a") == nil)
        round([(five, 2, 50), (six, 2, 60)], at: 0)
        for second in 1...3 {
            tick(at: second)
            #expect(bytes("own") == UInt64(second))
            #expect(bytes("a") == 50)
            #expect(bytes("b") == 60)
        }
        round([(six, 2, 61), (five, 2, 51)], at: 4)
        tick(at: 4)
        #expect(bytes("a") == 51)
        #expect(bytes("b") == 61)
    }

    @Test("what was read of a link that is gone meanwhile, or of a namespace, belongs to nobody")
    func gone() {
        round([(five, 2, 50), (five, 9, 90), (six, 2, 60)], at: 0)
        apply(.namespaceGone(5), .namespaceNumbered(5), .announced(in: 5, index: 2, LinkState(name: "new", kind: .tap)))
        tick(at: 1)
        #expect(bytes("b") == 60)
        #expect(slot("a") == nil)
        apply(.namespaceNotFound(5))
        tick(at: 2)
        #expect(slot("new") != nil && bytes("new") == nil)
    }

    @Test("a link that has moved since it was read has no counters until it is read again")
    func moved() {
        round([(five, 2, 50)], at: 0)
        apply(
            .movedAway(in: 5, index: 2, to: LinkAddress(0, 7)), .announced(index: 7, LinkState(name: "a", kind: .tap)))
        tick(at: 1)
        #expect(slot("a") != nil && bytes("a") == nil)
    }

    @Test("a rate is what the last two rounds say, whichever ticks it is asked for")
    func rate() throws {
        round([(five, 2, 100), (six, 2, 10)], at: 0)
        tick(at: 1)
        round([(five, 2, 600), (six, 3, 10)], at: 5)
        for second in 6...8 { tick(at: second) }
        let (earlier, later) = try #require(pipeline.frames.lastTwo)
        #expect(later.rate(.receiveBytes, slot: try #require(slot("a")), since: earlier) == 100)
        #expect(later.rate(.receiveBytes, slot: try #require(slot("own")), since: earlier) == 1)
        #expect(later.rate(.receiveBytes, slot: try #require(slot("b")), since: earlier) == nil)
    }

    @Test("node_exporter's names are for vexport's own namespace")
    func nodeExporter() {
        round([(five, 2, 50), (six, 2, 60)], at: 0)
        tick(at: 1)
        let page = Page.render(pipeline.frames.latest!)
        #expect(page.contains("vexport_link_receive_bytes_total{device=\"a\",netns=\"net:[5]\"} 50"))
        let compatible = page.split(separator: "\n").filter { $0.hasPrefix("node_network_") }
        #expect(compatible.contains { $0.hasPrefix("node_network_receive_bytes_total{device=\"own\"}") })
        #expect(compatible.allSatisfy { $0.contains("device=\"own\"") })
    }

    @Test("only namespaces that have links with series are visited")
    func visited() {
        func visited() -> [NSID?] {
            nonisolated(unsafe) var result: [NSID?] = []
            pipeline.performAndWait { result = $0.namespacesToSample().map(\.nsid) }
            return result
        }
        #expect(visited() == [5, 6])
        apply(.deleted(in: 5, index: 2), .announced(in: 5, index: 1, LinkState(name: "lo", kind: .loopback)))
        #expect(visited() == [6])
    }
}
