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
        var seen: [Int?] = []
        for (second, count) in [0, 0, 0, 50, 50, 50, 50, 50].enumerated() {
            let frame = await frame(pipeline, second, drops: UInt64(count))
            let beyond = scan.scan(frame, history: history, directory: LinkDirectory(frame.links))
            history.add(frame)
            seen.append(beyond["Drops"]?.count)
        }
        #expect(seen == [nil, nil, nil, 1, 1, 1, 0, nil], "not before the window is full, nor while nothing moves")
    }

    @Test("a rate of a counter that comes with the link's state, and an average of a state")
    func states() async {
        let rules = [
            Rule(
                "Changes",
                .threshold(Threshold("vexport_link_carrier_changes_total", .rate(window: .seconds(2)), .above(1)))),
            Rule("Mostly", .threshold(Threshold("vexport_link_carrier", .average(window: .seconds(2)), .below(0.5)))),
        ]
        let pipeline = Pipeline()
        var (scan, history) = (ThresholdScan(rules: rules), FrameHistory(rules: rules))
        var seen: [[String: Int]] = []
        for second in 0..<6 {
            var state = LinkState(name: "veth1", kind: .veth)
            let isUp = second < 2
            state.carrier = .init(isUp: isUp, changes: isUp ? 2 : 8, ups: 1, downs: isUp ? 1 : 7)
            _ = await pipeline.apply([.dumped([(Int32(1), state)])], at: Timestamp(nanoseconds: 0))
            let frame = await frame(pipeline, second, drops: 0, links: 1)
            seen.append(scan.scan(frame, history: history, directory: LinkDirectory(frame.links)).mapValues(\.count))
            history.add(frame)
        }
        #expect(
            seen == [
                [:], [:], ["Changes": 1, "Mostly": 0], ["Changes": 1, "Mostly": 1], ["Changes": 0, "Mostly": 1], [:],
            ])
    }

    @Test("a reload keeps what is remembered of windows that stay")
    func reload() async {
        let pipeline = await pipeline()
        var (scan, history) = (ThresholdScan(rules: [drops]), FrameHistory(rules: [drops]))
        for second in 0..<3 { history.add(await frame(pipeline, second, drops: 0)) }
        history.setRules([carrier, drops])
        scan = ThresholdScan(rules: [carrier, drops])
        let frame = await frame(pipeline, 3, drops: 90)
        #expect(scan.scan(frame, history: history, directory: LinkDirectory(frame.links))["Drops"]?.count == 1)
    }

    @Test("whether one link is beyond a bound can't be told before the window is full")
    func one() async {
        let pipeline = await pipeline()
        var (scan, history) = (ThresholdScan(rules: [drops]), FrameHistory(rules: [drops]))
        var seen: [Bool?] = []
        for second in 0..<5 {
            let frame = await frame(pipeline, second, drops: UInt64(second * 100))
            seen.append(scan.look("Drops", in: frame, history: history)(frame.links[0]!))
            _ = scan.scan(frame, history: history, directory: LinkDirectory(frame.links))
            history.add(frame)
        }
        #expect(seen == [nil, nil, nil, true, true])
    }

    @Test("what changes only with the inventory is looked at only then")
    func value() async {
        let pipeline = await pipeline()
        var (scan, history) = (ThresholdScan(rules: [carrier]), FrameHistory(rules: [carrier]))
        let first = await frame(pipeline, 0, drops: 0)
        #expect(
            scan.scan(first, history: history, directory: LinkDirectory(first.links))["NoCarrier"]?.map(\.subject.name)
                == ["veth2"])
        history.add(first)
        let second = await frame(pipeline, 1, drops: 0)
        #expect(scan.scan(second, history: history, directory: LinkDirectory(second.links)).isEmpty)
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
            input.thresholds = scan.scan(frame, history: history, directory: LinkDirectory(frame.links))
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
