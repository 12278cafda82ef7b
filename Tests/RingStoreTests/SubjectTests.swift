import Foundation
import TestSupport
import Testing

@testable import RingStore

/// Who lives, who died, what they are called and which samples are theirs, over restarts, kills and resolutions.
struct SubjectTests {
    private let places: Places
    private var options: RingOptions

    init() throws {
        places = try Places()
        options = places.options(columns: 1)
        options.tiers = Self.tiers((1, 60), (60, 6_000))
    }

    private static func tiers(_ list: (interval: Int, retention: Int)...) -> [RingOptions.Tier] {
        list.map { .init(interval: .seconds($0.interval), retention: .seconds($0.retention)) }
    }

    private func open(_ second: UInt64) throws -> RingStore {
        try RingStore(options, at: Tick(second: second)) { Issue.record("\($0)") }
    }

    /// What a kill leaves.
    private mutating func kill() throws -> Places {
        let other = try Places()
        for (from, to) in [(options.stateDirectory!, other.state), (options.runtimeDirectory!, other.runtime)] {
            try FileManager.default.copyItem(atPath: from, toPath: to)
        }
        (options.stateDirectory, options.runtimeDirectory) = (other.state, other.runtime)
        return other
    }

    private static func values(_ store: RingStore, _ subject: SubjectID, tier: Int) throws -> [UInt64] {
        try store.history().samples(subject, columns: 1, tier: tier).map { $0.values[0] }
    }

    @Test("who is not in a tick has no sample in it, also when the tick ends rows before")
    func shorterTicks() throws {
        let store = try open(1)
        let ids = (0..<65).map { store.attach(key: [UInt8($0)], row: $0, at: Tick(second: 1)) }
        store.append(Tick(second: 1), rows: Array(repeating: [5], count: 65), columns: 1)
        store.end(ids[64], at: Tick(second: 2))
        for second in UInt64(2)...5 {
            store.append(Tick(second: second), rows: Array(repeating: [second], count: 64), columns: 1)
        }
        store.append(Tick(second: 6), rows: [], columns: 1)
        for _ in 0..<2 {
            #expect(try Self.values(store, ids[64], tier: 0) == [5])
            #expect(try Self.values(store, ids[0], tier: 0) == [5, 2, 3, 4, 5])
            store.close()
        }
    }

    @Test("a death after the last tick is known after a restart")
    func deathWithoutTick() throws {
        var store = try open(1)
        let id = store.attach(key: [1], row: 0, at: Tick(second: 1))
        // Ten ticks make a block, so that the death is in a log of its own.
        for second in UInt64(1)...10 { store.append(Tick(second: second), rows: [[second]], columns: 1) }
        store.flush()
        store.end(id, at: Tick(second: 11))
        store.close()
        store = try open(12)
        #expect(store.history().subjects[id]?.died?.tick == Tick(second: 11))
    }

    @Test("a death that a block's file told of is there still when the file is written again for another")
    func deathsOfSeveralProcesses() throws {
        var store = try open(1)
        let (first, second) = (
            store.attach(key: [1], row: 0, at: Tick(second: 1)), store.attach(key: [2], row: 1, at: Tick(second: 1))
        )
        for number in UInt64(1)...20 {
            if number == 11 { store.end(first, at: Tick(second: 11)) }
            store.append(Tick(second: number), rows: [number < 11 ? [number] : nil, [number]], columns: 1)
            // Ten ticks make a block: the first is stored before the death.
            store.flush()
        }
        store.close()
        store = try open(21)
        #expect(store.attach(key: [2], row: 1, at: Tick(second: 21)) == second)
        store.end(second, at: Tick(second: 22))
        store.close()
        store = try open(23)
        #expect(store.history().subjects[second]?.died?.tick == Tick(second: 22))
        #expect(store.history().subjects[first]?.died?.tick == Tick(second: 11))
    }

    @Test("a death is known as long as the coarser tier has samples")
    mutating func deathInCoarserTier() throws {
        options.tiers = Self.tiers((1, 60), (10, 600))
        var store = try open(1)
        let id = store.attach(key: [1], row: 0, at: Tick(second: 1))
        // The coarser tier's tenth tick comes with second 100, and ends a block.
        for second in UInt64(1)...105 {
            store.append(Tick(second: second), rows: [second < 98 ? [second] : nil], columns: 1)
            store.flush()
        }
        store.end(id, at: Tick(second: 106))
        store.close()
        store = try open(107)
        for second in UInt64(107)...250 {
            store.append(Tick(second: second), rows: [], columns: 1)
            store.flush()
        }
        #expect(try Self.values(store, id, tier: 0) == [])
        store.close()
        store = try open(251)
        #expect(try Self.values(store, id, tier: 1).count >= 10)
        #expect(store.history().subjects[id]?.died?.tick == Tick(second: 106))
    }

    @Test("a third tier has the last value of one who left in the middle of its step")
    mutating func thirdTier() throws {
        options.tiers = Self.tiers((1, 600), (10, 6_000), (100, 60_000))
        let store = try open(1)
        let id = store.attach(key: [1], row: 0, at: Tick(second: 1))
        for second in UInt64(1)...12 { store.append(Tick(second: second), rows: [[second]], columns: 1) }
        store.end(id, at: Tick(second: 13))
        for second in UInt64(13)...250 { store.append(Tick(second: second), rows: [nil], columns: 1) }
        #expect(try Self.values(store, id, tier: 1) == [9, 12])
        #expect(try Self.values(store, id, tier: 2) == [12])
    }

    @Test("a third tier has one whose samples in the others are past, and not under another's name")
    mutating func forgottenByOthers() throws {
        options.tiers = Self.tiers((1, 6), (10, 60), (1_000, 60_000))
        let store = try open(1)
        let first = store.attach(key: [1], row: 0, at: Tick(second: 1))
        func run(_ seconds: ClosedRange<UInt64>, _ value: UInt64?) {
            for second in seconds {
                store.append(Tick(second: second), rows: [value.map { [$0] }], columns: 1)
                store.flush()
            }
        }
        run(1...1_001, 111)
        store.end(first, at: Tick(second: 1_002))
        let second = store.attach(key: [2], row: 0, at: Tick(second: 1_002))
        run(1_002...1_020, 222)
        store.end(second, at: Tick(second: 1_021))
        run(1_021...2_100, nil)
        #expect(try Self.values(store, first, tier: 2) == [111, 111])
        #expect(try Self.values(store, second, tier: 2) == [222])
    }

    @Test("a new name is in the coarser tier too when a kill leaves only that")
    mutating func nameInCoarserTier() throws {
        options.tiers = Self.tiers((1, 60), (10, 6_000))
        let store = try open(1)
        let id = store.attach(key: [1], metadata: [1], row: 0, at: Tick(second: 1))
        for second in UInt64(1)...200 {
            let tick = Tick(second: second)
            if second == 15 { _ = store.attach(key: [1], metadata: [2], row: 0, at: tick) }
            if second == 60 { store.end(id, at: tick) }
            store.append(tick, rows: second < 48 ? [[second]] : [nil], columns: 1)
            if second % 5 == 0 { store.flush() }
        }
        let left = try kill()
        store.close()
        let next = try open(201)
        #expect(next.history().subjects[id]?.metadata == [2])
        #expect(next.history().subjects[id]?.died?.tick == Tick(second: 60))
        withExtendedLifetime(left) {}
    }

    @Test("the latest name counts, however many logs each tier has had")
    mutating func latestName() throws {
        options.tiers = Self.tiers((1, 600), (10, 6_000))
        var id: SubjectID?
        // Each boot takes one log more of the coarser tier than of the finer.
        for boot in UInt64(1)...4 {
            options.boot.low = boot
            let store = try open(1)
            id = store.attach(key: [1], metadata: [1], row: 0, at: Tick(second: 1))
            for second in UInt64(1)...15 { store.append(Tick(second: second), rows: [[second]], columns: 1) }
            store.close()
        }
        var store = try open(16)
        #expect(store.attach(key: [1], metadata: [2], row: 0, at: Tick(second: 16)) == id)
        for second in UInt64(16)...17 { store.append(Tick(second: second), rows: [[second]], columns: 1) }
        store.end(id!, at: Tick(second: 18))
        store.append(Tick(second: 18), rows: [nil], columns: 1)
        store.close()
        store = try open(19)
        #expect(store.history().subjects[id!]?.metadata == [2])
    }

    @Test("a log that was left over is not believed about subjects of a process that did not see it")
    mutating func leftOverLog() throws {
        options.tiers = Self.tiers((1, 60))
        let first = try open(1)
        _ = first.attach(key: [1], row: 0, at: Tick(second: 1))
        for second in UInt64(1)...10 { first.append(Tick(second: second), rows: [[1]], columns: 1) }
        first.flush()
        let lost = first.attach(key: [2], row: 1, at: Tick(second: 11))
        first.append(Tick(second: 11), rows: [[1], [2]], columns: 1)
        first.end(lost, at: Tick(second: 12))
        let left = try kill()
        first.close()
        options.runtimeDirectory = nil
        let blind = try open(13)
        let living = blind.attach(key: [3], row: 1, at: Tick(second: 13))
        for second in UInt64(13)...20 { blind.append(Tick(second: second), rows: [nil, [3]], columns: 1) }
        blind.close()
        options.runtimeDirectory = left.runtime
        let last = try open(21)
        #expect(living == lost && last.history().subjects[living]?.key == [3])
        #expect(last.history().subjects[living]?.died == nil)
    }

    @Test("a process that can't read what is there leaves nothing that would be taken for the samples of others")
    mutating func blindProcess() throws {
        let first = try open(1)
        let old = first.attach(key: [1], row: 0, at: Tick(second: 1))
        for second in UInt64(1)...30 { first.append(Tick(second: second), rows: [[1]], columns: 1) }
        first.close()
        let state = options.stateDirectory
        options.stateDirectory = places.root + "/nowhere/state"
        let blind = try RingStore(options, at: Tick(second: 31)) { #expect($0.kind == .degraded) }
        _ = blind.attach(key: [2], row: 0, at: Tick(second: 31))
        for second in UInt64(31)...35 { blind.append(Tick(second: second), rows: [[2]], columns: 1) }
        blind.close()
        options.stateDirectory = state
        let last = try open(36)
        #expect(try Self.values(last, old, tier: 0) == Array(repeating: 1, count: 30))
    }

    @Test("a kill costs no room: a log that was left counts for what it has, not for what its file seems to be")
    mutating func roomAfterKill() throws {
        options = places.options(columns: 8)
        options.memory = 16 << 20
        options.tiers = Self.tiers((1, 36_000), (60, 360_000))
        let store = try open(1)
        for row in 0..<128 { _ = store.attach(key: [UInt8(row)], row: row, at: Tick(second: 1)) }
        var generator = SeededGenerator(seed: 7)
        for second in UInt64(1)...300 {
            let rows = (0..<128).map { _ in (0..<8).map { _ in UInt64.random(in: 0...UInt64.max, using: &generator) } }
            store.append(Tick(second: second), rows: rows, columns: 8)
            if second % 10 == 0 { store.flush() }
        }
        let bytes = store.statistics.bytes
        let left = try kill()
        store.close()
        let next = try open(301)
        // The blocks that the logs have become are there beside them until they are stored.
        #expect(next.statistics.bytes < bytes * 3 / 2)
        withExtendedLifetime(left) {}
    }
}
