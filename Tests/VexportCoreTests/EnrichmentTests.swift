import Testing

@testable import VexportCore

/// Labels that others put on links.
@Suite struct EnrichmentTests {
    private func admit(_ labels: [String: String]) -> ([Label], [MetricFault: Int]) {
        var losses = MetricLosses()
        let admitted = Enrichment.admit(labels, &losses)
        return (admitted, losses.counts)
    }

    @Test("names must be names, and not vexport's own; values are escaped and of some length at most")
    func rules() {
        let (labels, losses) = admit([
            "tenant": "a", "_x1": "b\u{1b}[31m", "empty": "", "1st": "x", "a-b": "x", "": "x", "__name__": "x",
            "device": "x", "alias": "x", "owner_uid": "x", "job": "x", "long": String(repeating: "x", count: 257),
        ])
        #expect(labels == [Label("_x1", "b\\x1b[31m"), Label("tenant", "a")])
        #expect(losses == [.label: 5, .clash: 4])
    }

    @Test("a plugin has eight labels on a link, and all together sixteen; the first who has a name has it")
    func numbers() {
        let (labels, losses) = admit(Dictionary(uniqueKeysWithValues: (0..<10).map { ("l\($0)", "x") }))
        #expect(labels.count == 8 && losses == [.label: 2])
        let (one, two) = (LinkIdentity(index: 1, birth: 0), LinkIdentity(index: 2, birth: 1))
        let joined = Enrichment.join([
            [one: [Label("a", "1")]], [one: [Label("a", "2"), Label("b", "2")], two: [Label("a", "2")]],
            [one: (0..<20).map { Label("c\($0)", "3") }],
        ])
        #expect(joined[one]?.prefix(3) == [Label("a", "1"), Label("b", "2"), Label("c0", "3")])
        #expect(joined[one]?.count == 16 && joined[two] == [Label("a", "2")])
    }

    @Test("the longest labels fit in a line of the page")
    func longest() {
        var losses = MetricLosses()
        let value = String(repeating: "\\", count: 128)
        let labels = (0..<2).flatMap { half in
            let names = (0..<8).map { "l\(half)\($0)" + String(repeating: "x", count: 61) }
            return Enrichment.admit(Dictionary(uniqueKeysWithValues: names.map { ($0, value) }), &losses)
        }
        #expect(labels.count == 16 && losses.isEmpty)
        let pipeline = Pipeline()
        pipeline.performAndWait { pipeline in
            var state = LinkState(name: "tap0", kind: .tap)
            state.alias = EscapedText([UInt8](repeating: 0xff, count: 255))
            _ = pipeline.apply([.dump((1, state))], at: Timestamp(nanoseconds: 0))
            pipeline.enrich(.labels([LinkIdentity(index: 1, birth: 0): labels]))
            pipeline.ingest(TickSamples(), scheduled: true)
        }
        let line = pipeline.frames.latest!.links[0]!.infoBlocks[0]!
        #expect(line.count > 8_000 && line.count + 64 < TextExposition.smallestBuffer)
    }

    @Test("labels are on a link's infos but not node_exporter's, on its findings, and known to templates of alerts")
    func places() throws {
        let exposure = Exposure(showsNodeExporter: true)
        let pipeline = Pipeline(exposure)
        let observer = Observer()
        let identity = LinkIdentity(index: 1, birth: 0)
        pipeline.performAndWait { pipeline in
            pipeline.addObserver(observer)
            _ = pipeline.apply([.dump((1, LinkState(name: "tap0", kind: .tap)))], at: Timestamp(nanoseconds: 0))
            pipeline.judged = [
                Finding(
                    kind: .linkFlapping, link: identity, place: LinkPlace(.own, 1), device: "tap0", namespace: nil,
                    severity: .warning, reason: "it flaps", evidence: [], command: nil, since: nil)
            ]
            pipeline.enrich(.labels([identity: [Label("tenant", "a"), Label("kind2", "b")]]))
            #expect(pipeline.findings.latest.first?.labels.count == 2)
            // The diagnosis knows nothing of such a finding.
            pipeline.ingest(TickSamples(), scheduled: true)
        }
        let frame = try #require(pipeline.frames.latest)
        let blocks = frame.links[0]!.infoBlocks.compactMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
        #expect(blocks.contains { $0.hasPrefix(#"{device="tap0",kind="tap",tenant="a",kind2="b"}"#) })
        #expect(blocks.count { !$0.contains("tenant") } == 1, "\(blocks)")
        #expect(FindingRecord(observer.findings[0]).labels == ["tenant": "a", "kind2": "b"])
        let conditions = LinkDirectory(frame.links).conditions(for: observer.findings)
        #expect(conditions["link_flapping"]?.first?.facts["tenant"] == "a")
    }

    private final class Observer: PipelineObserver, @unchecked Sendable {  // told of things in the pipeline only
        var findings: [Finding] = []
        func observe(_ events: [LinkEvent]) {}
        func observe(_ findings: [Finding]) { self.findings += findings }
        func observe(_ frame: TickFrame) {}
    }
}
