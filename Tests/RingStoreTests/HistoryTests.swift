import Dispatch
import RingStore
import Synchronization
import TestSupport
import Testing

/// What is read back: ranges, tiers, steps, rates, clocks.
struct HistoryTests {
    private static func store(_ places: Places, retention: Int = 120) throws -> RingStore {
        var options = RingOptions(columnCount: 1, boot: Boot(high: 0, low: 1))
        options.tiers = [
            .init(interval: .seconds(1), retention: .seconds(retention)),
            .init(interval: .seconds(60), retention: .seconds(86_400)),
        ]
        return try RingStore(options, at: Tick(second: 1)) { Issue.record("\($0)") }
    }

    private static func values(_ history: History, _ subject: SubjectID, in range: TimeRange = .all, tier: Int? = nil)
        throws
        -> [UInt64]
    {
        var values: [UInt64] = []
        try history.read(subject, column: 0, in: range, tier: tier) { run in
            for index in 0..<run.count { values.append(run.values[index]) }
        }
        return values
    }

    @Test("a range of wall time or of moments gives what is in it, both ends included")
    func ranges() throws {
        let store = try Self.store(try Places())
        let subject = store.attach(key: [1], row: 0, at: Tick(second: 1))
        for second in UInt64(1)...50 { store.append(Tick(second: second), rows: [[second]], columns: 1) }
        let history = store.history()
        #expect(try Self.values(history, subject) == Array(1...50))
        let wall = Tick(second: 10).wall...Tick(second: 13).wall
        #expect(try Self.values(history, subject, in: .wall(wall)) == [10, 11, 12, 13])
        let epoch = try #require(history.first(tier: 0)).epoch
        let moments =
            RingMoment(epoch: epoch, tick: Tick(second: 48))...RingMoment(epoch: epoch, tick: Tick(second: 90))
        #expect(try Self.values(history, subject, in: .moments(moments)) == [48, 49, 50])
        #expect(try Self.values(history, subject, in: .wall(0...1)) == [])
    }

    @Test("before the finest tier begins, the coarser one goes on, and nothing comes twice")
    func tiers() throws {
        let store = try Self.store(try Places())
        let subject = store.attach(key: [1], row: 0, at: Tick(second: 1))
        for second in UInt64(1)...1_000 {
            store.append(Tick(second: second), rows: [[second]], columns: 1)
            if second % 20 == 0 { store.flush() }
        }
        let history = store.history()
        let first = try #require(history.first(tier: 0)).tick.monotonic / Tick.second
        #expect((860...880).contains(first))
        let fine = try Self.values(history, subject, tier: 0)
        #expect(fine == Array(first...1_000))
        let minutes = try Self.values(history, subject, tier: 1)
        #expect(minutes == Array(stride(from: 59, through: 959, by: 60)))
        #expect(try Self.values(history, subject) == minutes.filter { $0 < first } + fine)
        #expect(store.statistics.tiers[0].evictions > 0)
        #expect(store.statistics.tiers[0].held == .seconds(1_000 - Int64(first)))
    }

    @Test("a step gives the last value of each step, with the time at which it was read")
    func steps() throws {
        let store = try Self.store(try Places())
        let subject = store.attach(key: [1], row: 0, at: Tick(second: 1))
        for second in UInt64(1)...25 where !(11...19).contains(second) {
            store.append(Tick(second: second, plus: 5), rows: [[second * 100]], columns: 1)
        }
        var samples: [(UInt64, UInt64)] = []
        try store.history().read(subject, column: 0, step: .seconds(10)) { samples.append(($0.tick.monotonic, $1)) }
        #expect(samples.map(\.0) == [9, 10, 25].map { $0 * Tick.second + 5 })
        #expect(samples.map(\.1) == [900, 1_000, 2_500])
    }

    @Test("a stepped wall clock, a suspended machine and a late tick neither lose nor reorder")
    func clocks() throws {
        let store = try Self.store(try Places())
        let subject = store.attach(key: [1], row: 0, at: Tick(second: 1))
        var ticks = [Tick(second: 1), Tick(second: 2), Tick(second: 3)]
        ticks[1].wall -= 86_400 * Int64(Tick.second)
        ticks += [Tick(second: 30_000), Tick(second: 30_004, plus: 900_000_000), Tick(second: 30_005)]
        for (number, tick) in ticks.enumerated() {
            #expect(store.append(tick, rows: [[UInt64(number)]], columns: 1) == .appended)
        }
        #expect(store.append(Tick(second: 30_004), rows: [[99]], columns: 1) == .late)
        #expect(store.append(Tick(second: 30_005), rows: [[99]], columns: 1) == .late)
        var found: [Tick] = []
        let history = store.history()
        try history.read(subject, column: 0, tier: 0) { run in
            for index in 0..<run.count { found.append(run.ticks[index]) }
        }
        #expect(found == ticks)
        #expect(try Self.values(history, subject, in: .wall(ticks[1].wall...ticks[1].wall)) == [1])
        #expect(store.statistics.lateTicks == 2)
    }

    @Test("one who changes rows, and comes back, is read in the order of time in the coarser tier too")
    func movesBack() throws {
        let store = try Self.store(try Places())
        let subject = store.attach(key: [1], row: 0, at: Tick(second: 1))
        for second in [UInt64(59), 70, 130, 190] {
            _ = store.attach(key: [1], row: 0, at: Tick(second: second))
            store.append(Tick(second: second), rows: [[second]], columns: 1)
            if second == 70 { _ = store.attach(key: [1], row: 1, at: Tick(second: second)) }
        }
        for _ in 0..<2 {
            #expect(try Self.values(store.history(), subject, tier: 1) == [59, 70, 130])
            store.flush()
        }
    }

    @Test(
        "one who died in a step is in the coarser tier when all the finer one had of it is past before the step is over"
    )
    func outlived() throws {
        let places = try Places()
        var options = places.options(columns: 1)
        options.tiers = [
            .init(interval: .seconds(1), retention: .seconds(10)),
            .init(interval: .seconds(60), retention: .seconds(86_400)),
        ]
        func open(_ second: UInt64) throws -> RingStore {
            try RingStore(options, at: Tick(second: second)) { Issue.record("\($0)") }
        }
        var store = try open(1)
        let subject = store.attach(key: [1], metadata: [7], row: 0, at: Tick(second: 1))
        store.append(Tick(second: 1), rows: [[5]], columns: 1)
        store.end(subject, at: Tick(second: 2))
        store.close()
        store = try open(40)
        store.append(Tick(second: 61), rows: [], columns: 1)
        #expect(try Self.values(store.history(), subject, tier: 0) == [])
        #expect(try Self.values(store.history(), subject, tier: 1) == [5])
        #expect(store.history().subjects[subject]?.metadata == [7])
    }

    @Test("one who is not read in a tick has a gap there, not a zero")
    func gaps() throws {
        let store = try Self.store(try Places())
        let subject = store.attach(key: [1], row: 1, at: Tick(second: 1))
        for second in UInt64(1)...9 {
            store.append(Tick(second: second), rows: [nil, (4...6).contains(second) ? nil : [second]], columns: 1)
        }
        var runs: [Int] = []
        try store.history().read(subject, column: 0, tier: 0) { runs.append($0.count) }
        #expect(runs == [3, 3])
        #expect(try Self.values(store.history(), subject) == [1, 2, 3, 7, 8, 9])
    }

    @Test("a counter that is reset, and a subject that is made again, never have a negative or huge rate")
    func rates() throws {
        let store = try Self.store(try Places())
        let old = store.attach(key: [1], row: 0, at: Tick(second: 1))
        for (second, value) in [(1, 1_000), (2, 1_100), (3, 5), (4, 15), (7, 45)] as [(UInt64, UInt64)] {
            store.append(Tick(second: second), rows: [[value]], columns: 1)
        }
        store.end(old, at: Tick(second: 8))
        let new = store.attach(key: [1], row: 0, at: Tick(second: 8))
        #expect(new != old)
        store.append(Tick(second: 8), rows: [[3]], columns: 1)
        store.append(Tick(second: 9), rows: [[4]], columns: 1)
        func rates(_ subject: SubjectID) throws -> [Double] {
            var meter = RateMeter()
            var rates: [Double] = []
            try store.history().read(subject, column: 0) { run in
                for index in 0..<run.count {
                    if let rate = meter.take(run.moment(index), run.values[index]) { rates.append(rate.perSecond) }
                }
            }
            return rates
        }
        #expect(try rates(old) == [100, 10, 10])
        #expect(try rates(new) == [1])
        #expect(store.history().subjects[old]?.died?.tick == Tick(second: 8))
    }

    @Test("there is no rate over a reboot")
    func reboot() {
        var meter = RateMeter()
        #expect(meter.take(RingMoment(epoch: 1, tick: Tick(second: 50)), 100) == nil)
        #expect(meter.take(RingMoment(epoch: 2, tick: Tick(second: 60)), 1_000_000) == nil)
        #expect(meter.take(RingMoment(epoch: 2, tick: Tick(second: 61)), 1_000_007)?.perSecond == 7)
    }

    @Test("what is read does not change while more is appended and evicted")
    func frozen() throws {
        let store = try Self.store(try Places())
        let subject = store.attach(key: [1], row: 0, at: Tick(second: 1))
        for second in UInt64(1)...50 { store.append(Tick(second: second), rows: [[second]], columns: 1) }
        let history = store.history()
        for second in UInt64(51)...600 {
            store.append(Tick(second: second), rows: [[second]], columns: 1)
            if second % 20 == 0 { store.flush() }
        }
        #expect(try Self.values(history, subject) == Array(1...50))
    }

    @Test("who reads while ticks come sees whole ticks, and all that came before")
    func concurrent() throws {
        let store = try Self.store(try Places(), retention: 600)
        let subjects = (0..<100).map { store.attach(key: [UInt8($0)], row: $0, at: Tick(second: 1)) }
        store.append(Tick(second: 1), rows: Array(repeating: [1], count: 100), columns: 1)
        let isDone = Atomic<Bool>(false)
        DispatchQueue.concurrentPerform(iterations: 3) { thread in
            guard thread > 0 else {
                for second in UInt64(2)...500 {
                    store.append(Tick(second: second), rows: Array(repeating: [second], count: 100), columns: 1)
                    if second % 50 == 0 { store.flush() }
                }
                isDone.store(true, ordering: .releasing)
                return
            }
            repeat {
                let history = store.history()
                let last = history.last(tier: 0)!.tick.monotonic / Tick.second
                for subject in [subjects[thread], subjects[99]] {
                    #expect(throws: Never.self) {
                        let values = try Self.values(history, subject, tier: 0)
                        #expect(values == Array(1...last))
                    }
                }
            } while !isDone.load(ordering: .acquiring)
        }
    }

    @Test("thousands who come and go are forgotten when their samples are, and the bound is kept")
    func churn() throws {
        var options = RingOptions(columnCount: 8, boot: Boot(high: 0, low: 1))
        options.memory = 4 << 20
        let store = try RingStore(options, at: Tick(second: 1)) { Issue.record("\($0)") }
        let metadata = [UInt8](repeating: 65, count: 200)
        var mostBytes = 0
        for second in UInt64(1)...400 {
            for row in 0..<100 {
                _ = store.attach(
                    key: Array("\(second)/\(row)".utf8), metadata: metadata, row: row, at: Tick(second: second))
            }
            let row = (0..<8).map { UInt64($0) * second }
            store.append(Tick(second: second), rows: Array(repeating: row, count: 100), columns: 8)
            mostBytes = max(mostBytes, store.statistics.bytes)
            if second % 5 == 0 { store.flush() }
        }
        let statistics = store.statistics
        print(
            "ring churn: \(mostBytes) bytes at most, \(statistics.subjects) subjects, \(statistics.tiers[0].held) held")
        #expect(mostBytes < options.memory + options.memory / 4)
        #expect(statistics.subjects < 20_000 && statistics.subjects >= 100)
        #expect(statistics.tiers[0].evictions > 0)
        #expect(statistics.droppedTicks == 0)
    }
}
