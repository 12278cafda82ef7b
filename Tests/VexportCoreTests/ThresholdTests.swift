import Testing

@testable import VexportCore

struct ThresholdTests {
    /// A frame at a second, with `links` veths; the first has received `drops`, each other none.
    private func frame(_ pipeline: Pipeline, _ second: Int, drops: UInt64, links: Int = 3) async -> TickFrame {
        var samples = TickSamples()
        samples.moment = Moment(
            timestamp: Timestamp(nanoseconds: Int64(second) * 1_000_000_000),
            instant: Self.start.advanced(by: .seconds(second)))
        for index in 1...links {
            var row = [UInt64](repeating: 0, count: LinkCounter.allCases.count)
            if index == 1 { row[LinkCounter.receiveDropped.rawValue] = drops }
            row.withUnsafeBytes { samples.append(index: Int32(index), row: RawSpan(_unsafeBytes: $0)) }
        }
        await pipeline.ingest(samples, scheduled: true)
        return pipeline.frames.latest!
    }

    private static let start = ContinuousClock.now

    private func pipeline(links: Int = 3) async -> Pipeline {
        let pipeline = Pipeline()
        let dump = (1...links).map { index in
            var state = LinkState(name: EscapedText("veth\(index)".utf8), kind: .veth)
            state.carrier.isUp = index != 2
            return (index: Int32(index), state: state)
        }
        _ = await pipeline.apply([.dumped(dump)], at: Timestamp(nanoseconds: 0))
        return pipeline
    }

    private let drops = Rule(
        "Drops",
        .threshold(Threshold("vexport_link_receive_dropped_packets_total", .rate(window: .seconds(3)), .above(10))))
    private let carrier = Rule("NoCarrier", .threshold(Threshold("vexport_link_carrier", .value, .below(1))))

    @Test("a rate is an average over the window, and none before that has passed")
    func rate() async {
        let pipeline = await pipeline()
        var (scan, history) = (ThresholdScan(rules: [drops]), FrameHistory(rules: [drops]))
        var seen: [Int] = []
        for (second, count) in [0, 0, 0, 50, 50, 50, 50, 50].enumerated() {
            let frame = await frame(pipeline, second, drops: UInt64(count))
            let beyond = scan.scan(frame, history: history) { LinkDirectory($0) }
            history.add(frame)
            seen.append(beyond["Drops"]!.count)
        }
        #expect(seen == [0, 0, 0, 1, 1, 1, 0, 0])
    }

    @Test("what changes only with the inventory is looked at only then")
    func value() async {
        let pipeline = await pipeline()
        var (scan, history) = (ThresholdScan(rules: [carrier]), FrameHistory(rules: [carrier]))
        let first = await frame(pipeline, 0, drops: 0)
        #expect(
            scan.scan(first, history: history) { LinkDirectory($0) }["NoCarrier"]?.map(\.subject.name) == ["veth2"])
        history.add(first)
        let second = await frame(pipeline, 1, drops: 0)
        #expect(scan.scan(second, history: history) { LinkDirectory($0) }.isEmpty)
    }

    @Test("all rules over 10,000 links fire the two that must; what a tick costs is printed")
    func cost() async {
        let pipeline = await pipeline(links: 10_000)
        let rules = BuiltInRules.all + [drops, carrier]
        var (scan, history) = (ThresholdScan(rules: rules), FrameHistory(rules: rules))
        var engine = RuleEngine(rules: rules, externalLabels: ["instance": "h"])
        var (worst, ticks) = (Duration.zero, 0)
        for second in 0..<10 {
            let frame = await frame(pipeline, second, drops: UInt64(second * 1_000), links: 10_000)
            let start = ContinuousClock.now
            var input = RuleInput()
            input.thresholds = scan.scan(frame, history: history) { LinkDirectory($0) }
            history.add(frame)
            _ = engine.evaluate(input, at: Timestamp(nanoseconds: Int64(second) * 1_000_000_000))
            if second > 3 { worst = max(worst, ContinuousClock.now - start) }
            ticks += 1
        }
        let start = ContinuousClock.now
        for _ in 0..<1_000 { _ = engine.evaluate(RuleInput(), at: Timestamp(nanoseconds: 0)) }
        print(
            "alerts: 10,000 links, \(rules.count) rules: a tick \(worst), without changes \((ContinuousClock.now - start) / 1_000)"
        )
        #expect(engine.firing.count == 2 && ticks == 10)
    }
}
