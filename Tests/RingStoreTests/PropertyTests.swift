import Foundation
import RingStore
import TestSupport
import Testing

/// Any sequence of ticks, births, deaths, evictions, restarts and clock steps reads back as plain arrays say.
struct PropertyTests {
    @Test("whatever happens to it, a store holds what a plain array would", arguments: 0..<12)
    func model(_ number: UInt64) throws {
        let seed = UInt64.random(in: 0...UInt64.max) &+ number
        let seedText = ProcessInfo.processInfo.environment["VEXPORT_SEED"]
        let used = seedText.flatMap(UInt64.init) ?? seed
        print("ring property: VEXPORT_SEED=\(used)")
        let world = try World(seed: used)
        for _ in 0..<(150 + 150 * Int(number % 3)) { try world.step() }
        try world.check()
    }
}

/// A store and its model, to which the same things happen.
private final class World {
    private let places = try! Places()
    private var generator: SeededGenerator
    private var options: RingOptions
    private var store: RingStore
    private let notices = Notices()
    private var model = Model()
    private var rows: [Resident?] = []
    private var epoch: UInt32 = 1
    private var clock: UInt64 = 1_000 * Tick.second
    private var wallOffset: Int64 = 1_790_000_000 * Int64(Tick.second)
    private var born: [SubjectID: (key: [UInt8], metadata: [UInt8])] = [:]
    /// The metadata that each had at its last sample.
    private var sampled: [SubjectID: [UInt8]] = [:]
    private var dead: Set<SubjectID> = []
    private var nextKey = 0
    private let columns: Int
    private let coarseStep: UInt64

    private struct Resident {
        var subject: SubjectID
        var key: [UInt8]
        var values: [UInt64]
    }

    init(seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        columns = Int.random(in: 1...32, using: &generator)
        options = places.options(columns: columns)
        let seconds = Int.random(in: 3...20, using: &generator)
        coarseStep = UInt64(seconds) * Tick.second
        options.tiers = [
            .init(interval: .seconds(1), retention: .seconds(Int.random(in: 20...400, using: &generator))),
            .init(interval: .seconds(seconds), retention: .seconds(2_000)),
        ]
        options.memory = 1 << 20
        store = try RingStore(options, at: Tick(monotonic: clock, wall: 0), notify: notices.callAsFunction)
    }

    private var now: Tick { Tick(monotonic: clock, wall: wallOffset + Int64(clock)) }

    private func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    func step() throws {
        if chance(15) { birth() }
        if chance(6), let row = rows.indices.filter({ rows[$0] != nil }).randomElement(using: &generator) { death(row) }
        if chance(2) { rename() }
        if chance(2) { wallOffset += Int64.random(in: -86_400...86_400, using: &generator) * Int64(Tick.second) }
        if chance(2) { clock += UInt64.random(in: 0...300, using: &generator) * Tick.second }
        if chance(3) { try restart(reboots: chance(30)) }
        // Ticks come faster than a second here.
        if model.ticks.count % 4 == 0 { store.flush() }
        tick()
        if chance(2) { try check() }
    }

    private func tick() {
        clock += UInt64.random(in: 900_000_000...1_100_000_000, using: &generator)
        var present: [[UInt64]?] = []
        var taken: [(SubjectID, [UInt64])] = []
        for row in rows.indices {
            guard var resident = rows[row], !chance(3) else {
                present.append(nil)
                continue
            }
            for column in 0..<columns { move(&resident.values[column], column) }
            rows[row] = resident
            present.append(resident.values)
            taken.append((resident.subject, resident.values))
            sampled[resident.subject] = born[resident.subject]!.metadata
        }
        // An empty slot of the caller holds rubbish, and a tick may end before the last row that there was.
        if chance(50) {
            present.append([UInt64](repeating: 7, count: columns))
        } else if chance(50) {
            while let last = present.last, last == nil { present.removeLast() }
        }
        #expect(store.append(now, rows: present, columns: columns) == .appended)
        model.append(RingMoment(epoch: epoch, tick: now), taken)
        if chance(3) {
            #expect(store.append(Tick(monotonic: clock - 1, wall: 0), rows: present, columns: columns) == .late)
        }
    }

    private func move(_ value: inout UInt64, _ column: Int) {
        switch column % 4 {
        case 0: value &+= UInt64.random(in: 0...100_000, using: &generator)
        case 1: value &+= chance(5) ? 1 : 0
        case 2: value = chance(2) ? UInt64.random(in: 0...UInt64.max, using: &generator) : value
        default: value = chance(1) ? 0 : value &+ 1_000_000
        }
    }

    private func birth() {
        nextKey += 1
        // Now and then somebody of the name of one who died.
        let key = chance(30) ? born.filter { dead.contains($0.key) }.min { $0.key < $1.key }?.value.key : nil
        attach(key: key ?? Array("key\(nextKey)".utf8), row: freeRow())
    }

    private func freeRow() -> Int {
        // Beyond a group of rows.
        if chance(5) {
            rows += [Resident?](repeating: nil, count: max(0, Int.random(in: 1...150, using: &generator) - rows.count))
        }
        if chance(70), let free = rows.firstIndex(where: { $0 == nil }) { return free }
        rows.append(nil)
        return rows.count - 1
    }

    private func attach(key: [UInt8], row: Int) {
        guard !rows.contains(where: { $0?.key == key }) else { return }
        let metadata = Array("about \(nextKey)".utf8)
        let subject = store.attach(key: key, metadata: metadata, row: row, at: now)
        #expect(model.samples[subject] == nil, "a subject that was there before")
        // It may have the number of one of whom there never was a sample.
        dead.remove(subject)
        born[subject] = (key, metadata)
        rows[row] = Resident(
            subject: subject, key: key,
            values: (0..<columns).map { _ in UInt64.random(in: 0...9_999, using: &generator) })
    }

    private func death(_ row: Int) {
        guard let resident = rows[row] else { return }
        // The next tenant of a row may come without a word on the one before.
        let isTold = chance(50)
        if isTold { store.end(resident.subject, at: now) }
        dead.insert(resident.subject)
        rows[row] = nil
        if chance(50) {
            nextKey += 1
            attach(key: isTold ? resident.key : Array("key\(nextKey)".utf8), row: row)
        }
        store.end(resident.subject, at: now)
    }

    private func rename() {
        guard let row = rows.indices.filter({ rows[$0] != nil }).randomElement(using: &generator) else { return }
        let resident = rows[row]!
        nextKey += 1
        let metadata = Array("renamed \(nextKey)".utf8)
        let target = freeRow()
        rows[row] = nil
        rows[target] = resident
        #expect(store.attach(key: resident.key, metadata: metadata, row: target, at: now) == resident.subject)
        born[resident.subject]?.metadata = metadata
    }

    /// Ends the store as a kill would, or in good order, and opens it again. Some are not there any more.
    private func restart(reboots: Bool) throws {
        store.close()
        if reboots {
            options.boot.low += 1
            epoch += model.ticks.contains { $0.epoch == epoch } ? 1 : 0
            clock = UInt64.random(in: 1...100, using: &generator) * Tick.second
        }
        store = try RingStore(options, at: now, notify: notices.callAsFunction)
        let residents = rows.compactMap { $0 }
        let known = Dictionary(uniqueKeysWithValues: residents.map { ($0.key, born[$0.subject]!.metadata) })
        rows = []
        let (gone, back) = residents.reduce(into: ([Resident](), [Resident]())) {
            if chance(20) { $0.0.append($1) } else { $0.1.append($1) }
        }
        dead.formUnion(gone.map(\.subject))
        for resident in back {
            let row = freeRow()
            let isKnown = store.history().subjects[resident.subject]?.key == resident.key
            let subject = store.attach(key: resident.key, metadata: known[resident.key]!, row: row, at: now)
            // One who had no sample yet is born again, with any number of one who had none.
            if isKnown { #expect(subject == resident.subject) }
            dead.remove(subject)
            born[subject] = (resident.key, known[resident.key]!)
            rows[row] = resident
            rows[row]?.subject = subject
        }
        store.endUnattached(at: now)
    }

    private func describe(_ samples: [Model.Sample]) -> String {
        samples.map { "\($0.moment.epoch):\($0.moment.tick.monotonic / 1_000_000)=\($0.values.reduce(0, &+))" }
            .joined(separator: " ")
    }

    func check() throws {
        let history = store.history()
        #expect(notices.texts == [])
        #expect(store.statistics.bytes <= options.memory + options.memory / 4)
        #expect(store.statistics.droppedTicks == 0)
        guard let first = history.first(tier: 0) else { return }
        for (subject, samples) in model.samples {
            let expected = samples.filter { $0.moment >= first }
            let found = try history.samples(subject, columns: columns, tier: 0)
            #expect(found == expected, "subject \(subject.number)")
            if !expected.isEmpty {
                let known = history.subjects[subject]
                #expect(known?.key == born[subject]?.key)
                #expect((known?.died != nil) == dead.contains(subject))
                // What one of the dead was called after its last sample is forgotten by a restart.
                let isExact = known?.metadata == born[subject]?.metadata
                #expect(isExact || dead.contains(subject) && known?.metadata == sampled[subject])
            }
            guard let coarse = history.first(tier: 1), let last = history.last(tier: 1) else { continue }
            let minutes = model.downsampled(subject, step: coarseStep).filter {
                $0.moment >= coarse && $0.moment <= last
            }
            let held = try history.samples(subject, columns: columns, tier: 1)
            #expect(held == minutes, "subject \(subject.number) \(describe(held)) for \(describe(minutes))")
        }
    }
}
