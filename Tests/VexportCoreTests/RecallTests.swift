import Foundation
import Testing

@testable import VexportCore

/// Thresholds over windows that began before vexport did, or before their rule was there.
struct RecallTests {
    private static let window = Duration.seconds(40)
    private static let rate = Rule(
        "Traffic", .threshold(Threshold("vexport_link_receive_bytes_total", .rate(window: window), .above(10))))
    private static let average = Rule(
        "Down", .threshold(Threshold("vexport_link_carrier", .average(window: window), .below(0.5))))

    private let recorded: HistoryTests
    private let engine = RuleEngine(rules: [Self.rate, Self.average], externalLabels: [:])

    init() throws {
        recorded = try HistoryTests()
        recorded.apply(.dump((2, LinkState(name: "busy", kind: .tap)), (3, LinkState(name: "idle", kind: .tap))))
    }

    /// Ticks in which `busy` receives 50 bytes a second until second `last`; `young` is there from second 90 on.
    private func tick(
        _ seconds: ClosedRange<Int>, until last: Int = .max, _ body: (TickFrame, Timestamp) -> Void = { _, _ in }
    ) {
        for second in seconds {
            if second == 90 { recorded.apply(.announced(index: 4, LinkState(name: "young", kind: .tap))) }
            let young = second < 90 ? [] : [(Int32(4), UInt64(second * 1000))]
            recorded.tick([(2, UInt64(50 * min(second, last))), (3, 7)] + young, at: Double(second))
            body(recorded.pipeline.frames.latest!, Timestamp(nanoseconds: Int64(second) * 1_000_000_000))
        }
    }

    /// What the rule on a rate says of `seconds`: the devices beyond the bound in each, nil where it says nothing.
    private func devices(
        _ observer: inout RuleObserver, _ seconds: ClosedRange<Int>, until last: Int = .max
    ) -> [[String]?] {
        var result: [[String]?] = []
        tick(seconds, until: last) { frame, time in
            var observation = Observation()
            observation.frame = frame
            let thresholds = observer.take(observation, for: engine, at: time).thresholds
            #expect(thresholds["Down"] == nil || time.seconds >= 136, "an average is of what was observed")
            result.append(thresholds["Traffic"]?.map(\.subject.name))
        }
        return result
    }

    @Test("a rate is told at the first tick when the history knows the window's start, of links that were there then")
    func restart() {
        tick(1...100)
        var observer = RuleObserver(
            rules: engine.rules, history: recorded.history, at: Timestamp(nanoseconds: 100_000_000_000))
        // Until second 126 the history knows nothing of young at the window's start.
        #expect(devices(&observer, 101...120) == Array(repeating: ["busy"], count: 20))
        let later = devices(&observer, 121...180, until: 121)
        #expect(later.first == ["busy"] && later.contains(["busy", "young"]))
        #expect(later.last == ["young"], "what ended long ago is beyond no bound any more")
    }

    @Test("without a history nothing is told before a window has passed")
    func none() {
        tick(1...100)
        var observer = RuleObserver(rules: engine.rules, at: Timestamp(nanoseconds: 100_000_000_000))
        #expect(devices(&observer, 101...136) == Array(repeating: nil, count: 36))
        #expect(devices(&observer, 137...137) == [["busy", "young"]])
    }

    @Test("a rule that a reload brings looks back at once")
    func reload() {
        var observer = RuleObserver(rules: [], history: recorded.history, at: Timestamp(nanoseconds: 0))
        #expect(devices(&observer, 1...60).allSatisfy { $0 == nil })
        let known = observer.setRules([Self.rate])
        let input = observer.take(known, for: engine, at: Timestamp(nanoseconds: 60_000_000_000))
        #expect(input.thresholds["Traffic"]?.map(\.subject.name) == ["busy"])
        #expect(input.thresholds["Traffic"]?.first?.value == 50)
    }

    @Test(
        "links of other namespaces, which a restart finds later, are looked up well before an eighth of a long window")
    func elsewhere() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "vxrecall-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func run(_ seconds: ClosedRange<Int>, roundsFrom first: Int, _ body: (HistoryTests, Int) -> Void) throws {
            let recorded = try HistoryTests(
                in: directory, start: recorded.start, at: Double(seconds.lowerBound) - 0.5)
            recorded.apply(.dump(in: 5, (2, LinkState(name: "there", kind: .tap))))
            for second in seconds {
                if second >= first { recorded.round(UInt64(second * 50), at: Double(second) - 0.1) }
                recorded.tick([], at: Double(second))
                body(recorded, second)
            }
            recorded.history.close()
        }
        try run(1...900, roundsFrom: 1) { _, _ in }
        let rule = Rule(
            "Traffic",
            .threshold(Threshold("vexport_link_receive_bytes_total", .rate(window: .seconds(800)), .above(10))))
        let engine = RuleEngine(rules: [rule], externalLabels: [:])
        var observer: RuleObserver?
        var seen: [Int: Double] = [:]
        try run(901...940, roundsFrom: 908) { recorded, second in
            let time = Timestamp(nanoseconds: Int64(second) * 1_000_000_000)
            observer = observer ?? RuleObserver(rules: [rule], history: recorded.history, at: time)
            var observation = Observation()
            observation.frame = recorded.pipeline.frames.latest
            let thresholds = observer?.take(observation, for: engine, at: time).thresholds["Traffic"]
            seen[second] = thresholds?.first { $0.subject.name == "there" }?.value
        }
        #expect((908...925).contains(seen.keys.min() ?? 0))
        #expect(seen[940].map { (49...51).contains($0) } == true, "\(seen)")
    }

    @Test("a counter that was reset while nobody looked counts from 0")
    func reset() {
        tick(1...60)
        var observer = RuleObserver(
            rules: engine.rules, history: recorded.history, at: Timestamp(nanoseconds: 60_000_000_000))
        recorded.tick([(2, 900), (3, 7)], at: 61)
        var observation = Observation()
        observation.frame = recorded.pipeline.frames.latest
        let thresholds = observer.take(observation, for: engine, at: Timestamp(nanoseconds: 61_000_000_000)).thresholds
        let value = thresholds["Traffic"]?.first?.value ?? 0
        #expect((18...25).contains(value), "900 bytes in about a window: \(value)")
    }
}
