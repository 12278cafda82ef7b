import RingStore
import Synchronization
import Testing

@testable import VexportCore

/// What of links is remembered, by way of a real pipeline.
@Suite struct HistoryTests {
    let start: ContinuousClock.Instant
    let pipeline = Pipeline(Exposure(detail: .basic))
    let history: LinkHistory

    /// - Parameters:
    ///   - directory: where the history outlives this; nil for memory only.
    ///   - start: second 0.
    ///   - second: when it begins.
    init(in directory: String? = nil, start: ContinuousClock.Instant = .now, at second: Double = 0) throws {
        self.start = start
        var options = LinkHistory.options(boot: Boot(high: 0, low: 1))
        options.memory = 1 << 20
        options.stateDirectory = directory
        history = try LinkHistory(
            options, tierNames: ["1s", "1m"], ownKey: "4:1", at: Self.moment(second, start),
            notify: { Issue.record("\($0)") })
        pipeline.performAndWait { [history] in $0.setHistory(history) }
        apply(
            .allFollowed(own: NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)),
            .namespaceSighted(NamespaceSighting(file: NamespaceFile(device: 4, inode: 5), nsid: 5, name: "blue")))
    }

    static func moment(_ seconds: Double, _ start: ContinuousClock.Instant) -> Moment {
        Moment(
            timestamp: Timestamp(nanoseconds: 1_800_000_000_000_000_000 + Int64(seconds * 1e9)),
            instant: start + .milliseconds(Int(seconds * 1000)))
    }

    func apply(_ changes: LinkChange...) {
        pipeline.performAndWait { _ = $0.apply(changes, at: Timestamp(nanoseconds: 0)) }
    }

    /// Every counter of a link has the value that is given for it.
    func samples(_ rows: [(Int32, UInt64)], at seconds: Double, columns: Int = 25) -> TickSamples {
        var samples = TickSamples()
        samples.moment = Self.moment(seconds, start)
        for (index, value) in rows {
            samples.append(index: index, row: [UInt64](repeating: value, count: columns).span.bytes)
        }
        return samples
    }

    func tick(_ rows: [(Int32, UInt64)], at seconds: Double, scheduled: Bool = true, columns: Int = 25) {
        let samples = samples(rows, at: seconds, columns: columns)
        pipeline.performAndWait { $0.ingest(samples, scheduled: scheduled) }
    }

    /// A round through the other namespace, which has one link.
    func round(_ value: UInt64, at seconds: Double) {
        let samples = samples([(2, value)], at: seconds)
        let part = RemotePart(namespace: NamespaceID(number: 1), rows: 0..<1)
        pipeline.performAndWait { $0.ingestRemote(samples, [part]) }
    }

    func read(
        _ device: String? = nil, _ metrics: [LinkCounter] = [.receiveBytes],
        _ change: (inout HistoryQuery) -> Void = { _ in }
    ) throws -> [HistorySeries] {
        var query = HistoryQuery(from: Self.moment(-1, start).timestamp, to: Self.moment(100_000, start).timestamp)
        (query.device, query.metrics) = (device, metrics)
        change(&query)
        return try history.archive().page(query).series
    }

    @Test("every scheduled tick is remembered, and none that a scrape asked for")
    func scheduled() throws {
        apply(.dump((2, LinkState(name: "a", kind: .tap)), (3, LinkState(name: "b", kind: .veth))))
        tick([(2, 10), (3, 20)], at: 1)
        tick([(2, 11), (3, 21)], at: 1.5, scheduled: false)
        tick([(2, 12), (3, 22)], at: 2)
        let series = try read()
        #expect(series.map(\.labels.device) == ["a", "b"])
        #expect(series.map(\.kind) == ["tap", "veth"])
        #expect(series.map(\.values) == [[10, 12], [20, 22]])
        #expect(series[0].times == [1, 2].map { Self.moment($0, start).timestamp })
        #expect(series[0].rates == [nil, 2])
    }

    @Test("counters stay with their links when others come, go and change the kernel's order")
    func order() throws {
        apply(.dumped((1...70).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        tick((1...70).map { ($0, UInt64($0)) }, at: 1)
        apply(.deleted(index: 10), .announced(index: 80, LinkState(name: "v80", kind: .veth)))
        let indexes: [Int32] = (11...70).reversed() + (1...9) + [80]
        tick(indexes.map { ($0, UInt64($0) * 1000) }, at: 2)
        tick(indexes.map { ($0, UInt64($0) * 2000) }, at: 3)
        for series in try read() {
            let index = UInt64(series.labels.device.description.dropFirst())!
            let expected = index == 10 ? [10] : index == 80 ? [80_000, 160_000] : [index, index * 1000, index * 2000]
            #expect(series.values == expected, "\(series.labels.device)")
            #expect((series.died != nil) == (index == 10))
        }
    }

    @Test("a link made again under its name is another series, without a rate between the two")
    func madeAgain() throws {
        apply(.dump((2, LinkState(name: "a", kind: .tap))))
        tick([(2, 1_000_000)], at: 1)
        apply(.deleted(index: 2), .announced(index: 2, LinkState(name: "a", kind: .tap)))
        tick([(2, 5)], at: 2)
        tick([(2, 9)], at: 3)
        let series = try read("a")
        #expect(series.map(\.values) == [[1_000_000], [5, 9]])
        #expect(series.map(\.rates) == [[nil], [nil, 4]])
        #expect(series[0].died == Self.moment(2, start).timestamp && series[1].died == nil)
    }

    @Test("a reset within a link is no rate, and neither is what it jumps to")
    func reset() throws {
        apply(.dump((2, LinkState(name: "a", kind: .physical))))
        for (second, value) in [(1, 100), (2, 200), (3, 10), (4, 30)] as [(Double, UInt64)] {
            tick([(2, value)], at: second)
        }
        #expect(try read("a")[0].rates == [nil, 100, nil, 20])
    }

    @Test("a renamed link goes on, and is found by its new name")
    func renamed() throws {
        apply(.dump((2, LinkState(name: "a", kind: .tap))))
        tick([(2, 1)], at: 1)
        apply(.announced(index: 2, LinkState(name: "z", kind: .tap)))
        tick([(2, 2)], at: 2)
        #expect(try read("z").map(\.values) == [[1, 2]])
        #expect(try read("a").isEmpty)
    }

    @Test("a round through other namespaces is remembered once, with the tick after it")
    func rounds() throws {
        apply(.dump((2, LinkState(name: "own", kind: .tap))), .dump(in: 5, (2, LinkState(name: "there", kind: .tap))))
        tick([(2, 1)], at: 1)
        round(50, at: 1.9)
        for second in 2...6 { tick([(2, UInt64(second))], at: Double(second)) }
        round(100, at: 6.9)
        tick([(2, 7)], at: 7)
        let there = try #require(try read("there").first)
        #expect(there.labels.netns == "blue" && there.values == [50, 100] && there.rates == [nil, 10])
        #expect(try read("own")[0].values == Array(1...7))
        #expect(try read { $0.namespace = "" }.map(\.labels.device) == ["own"])
        #expect(try read { $0.namespace = "b*" }.map(\.labels.device) == ["there"])
    }

    @Test("links whose slots lie behind all others have samples only while they are read")
    func lastSlots() throws {
        apply(.dumped((1...65).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        apply(.dump(in: 5, (2, LinkState(name: "there", kind: .tap))))
        tick((1...65).map { ($0, UInt64($0)) }, at: 1)
        apply(.deleted(index: 65))
        for second in 2...9 {
            if second % 5 == 2 { round(UInt64(second * 10), at: Double(second) - 0.1) }
            tick((1...64).map { ($0, UInt64($0)) }, at: Double(second))
        }
        #expect(try read("v65").map(\.values) == [[65]])
        #expect(try read("there").map(\.values) == [[20, 70]])
    }

    @Test("a counter that the kernel does not report is absent, never 0")
    func shortRows() throws {
        apply(.dump((2, LinkState(name: "a", kind: .tap))))
        tick([(2, 7)], at: 1, columns: 24)
        #expect(try read("a", [.receiveNoHandler]).map(\.values) == [[7]])
        #expect(try read("a", [.receiveOtherHostDropped]).isEmpty)
    }

    @Test("a step keeps the last value of each, and the rate between them")
    func steps() throws {
        apply(.dump((2, LinkState(name: "a", kind: .tap))))
        for second in 1...60 { tick([(2, UInt64(second * second))], at: Double(second)) }
        let all = try read("a")[0]
        let stepped = try read("a") { $0.step = .seconds(10) }[0]
        #expect((6...7).contains(stepped.times.count))
        #expect(Set(stepped.times).isSubset(of: all.times) && stepped.values.last == 3600)
        for (time, rate) in zip(stepped.times, stepped.rates).dropFirst(2).dropLast() {
            let end = (time.seconds - Self.moment(0, start).timestamp.seconds).rounded()
            #expect(rate == (end * end - (end - 10) * (end - 10)) / 10)
        }
    }

    @Test("pages hand out every series once, those of one name beside each other")
    func pages() throws {
        apply(.dumped((1...20).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        tick((1...20).map { ($0, 1) }, at: 1)
        apply(.deleted(index: 3), .announced(index: 30, LinkState(name: "v3", kind: .veth)))
        tick((1...30).filter { $0 != 3 && ($0 <= 20 || $0 == 30) }.map { ($0, 2) }, at: 2)
        var query = HistoryQuery(from: Self.moment(0, start).timestamp, to: Self.moment(9, start).timestamp)
        query.metrics = [.receiveBytes, .transmitBytes]
        let whole = try history.archive().page(query)
        query.limit = 7
        var names: [String] = []
        var pageCount = 0
        repeat {
            let page = try history.archive().page(query)
            names += page.series.map { "\($0.labels.device) \($0.metric) \($0.values)" }
            query.after = page.next.flatMap { HistoryPlace($0) }
            pageCount += 1
        } while query.after != nil
        #expect(names == whole.series.map { "\($0.labels.device) \($0.metric) \($0.values)" })
        #expect(names.count == 42 && pageCount > 5 && whole.next == nil)
        let places = names.indices.filter { names[$0].hasPrefix("v3 ") }
        #expect(places == Array(places[0]..<(places[0] + 4)))
    }

    @Test("it begins where it is asked to, with what ended before left out")
    func range() throws {
        apply(.dump((2, LinkState(name: "a", kind: .tap)), (3, LinkState(name: "b", kind: .tap))))
        for second in 1...5 { tick([(2, UInt64(second)), (3, 0)], at: Double(second)) }
        apply(.deleted(index: 3))
        for second in 6...9 { tick([(2, UInt64(second))], at: Double(second)) }
        let late = try read { $0.start = Self.moment(7, start).timestamp }
        #expect(late.map(\.labels.device) == ["a"] && late[0].values == [7, 8, 9])
        #expect(history.archive().end == Self.moment(9, start).timestamp)
    }

    @Test("a wall clock that is set back loses nothing, and rates go by the other clock")
    func clockBack() throws {
        apply(.dump((2, LinkState(name: "a", kind: .tap))))
        tick([(2, 100)], at: 3600)
        var later = samples([(2, 130)], at: 3602)
        later.moment.timestamp = Self.moment(10, start).timestamp
        let last = later
        pipeline.performAndWait { $0.ingest(last, scheduled: true) }
        let series = try read("a")[0]
        #expect(series.values == [100, 130] && series.rates == [nil, 15])
        #expect(try read("a") { $0.end = Self.moment(20, start).timestamp }.map(\.values) == [[130]])
        #expect(try read("a") { $0.start = Self.moment(20, start).timestamp }.map(\.values) == [[100]])
    }

    @Test("a tick that does not fit is told of once, and so is the next that does")
    func noRoom() throws {
        let told = Mutex<[RingNotice.Kind]>([])
        var options = LinkHistory.options(boot: Boot(high: 0, low: 1))
        options.memory = 1 << 20
        let small = try LinkHistory(
            options, tierNames: ["1s", "1m"], ownKey: "4:1", at: Self.moment(0, start),
            notify: { notice in told.withLock { $0.append(notice.kind) } })
        pipeline.performAndWait { $0.setHistory(small) }
        apply(.dumped((1...3000).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        for second in 1...3 { tick((1...3000).map { ($0, UInt64($0)) }, at: Double(second)) }
        #expect(told.withLock { $0 } == [.degraded])
        for index in 11...3000 as ClosedRange<Int32> { apply(.deleted(index: index)) }
        tick((1...10).map { ($0, 1) }, at: 4)
        #expect(told.withLock { $0 } == [.degraded, .restored])
    }
}
