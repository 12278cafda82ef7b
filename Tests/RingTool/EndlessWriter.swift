import Glibc
import RingStore

/// Appends ticks until it is killed, and says the number of each when it is in the store.
///
/// All that it writes follows from the tick's number, so that whoever finds the store can tell what must be in it.
struct EndlessWriter {
    private let store: RingStore

    static let subjects = 8
    static let columns = 4

    init(state: String, runtime: String) throws {
        var options = RingOptions(columnCount: Self.columns, boot: Boot(high: 0, low: 1))
        // Blocks of fifty ticks, so that many kills meet a block on its way.
        options.tiers = [.init(interval: .seconds(1), retention: .seconds(300))]
        options.stateDirectory = state
        options.runtimeDirectory = runtime
        let first = Tick(monotonic: 1, wall: 1)
        store = try RingStore(options, at: first) { fatalError("\($0)") }
    }

    func run() throws {
        let history = store.history()
        var number = (history.last(tier: 0)?.tick.monotonic ?? 0) / 1_000_000_000 + 1
        var lives: [SubjectID?] = Array(repeating: nil, count: Self.subjects)
        for subject in history.subjects.values where subject.died == nil {
            let (index, life) = Self.parse(subject.metadata)
            if life == Self.life(index, number) { lives[index] = subject.id } else { end(subject.id, number) }
        }
        while true {
            let tick = Self.tick(number)
            for index in 0..<Self.subjects {
                if number > 1, Self.life(index, number) != Self.life(index, number - 1), let old = lives[index] {
                    end(old, number)
                }
                lives[index] = store.attach(
                    key: Array("subject \(index)".utf8),
                    metadata: Array("\(index)/\(Self.life(index, number))".utf8), row: index, at: tick)
            }
            let values = (0..<Self.columns).flatMap { column in
                (0..<Self.subjects).map { Self.value($0, Self.life($0, number), column, number) }
            }
            let present = [Bool](repeating: true, count: Self.subjects)
            guard store.append(tick, columns: values.span, stride: Self.subjects, present: present.span) == .appended
            else { fatalError("tick \(number) was not taken") }
            Self.say("tick \(number)\n")
            // Time runs faster here than blocks are made.
            if number % 40 == 0 { store.flush() }
            number += 1
        }
    }

    private func end(_ subject: SubjectID, _ number: UInt64) { store.end(subject, at: Self.tick(number)) }

    static func tick(_ number: UInt64) -> Tick {
        Tick(monotonic: number * 1_000_000_000, wall: Int64(number) * 1_000_000_000)
    }

    /// Which of its lives a subject is in: each dies and is born again after some dozens of ticks.
    static func life(_ index: Int, _ number: UInt64) -> UInt64 { number / UInt64(37 + index) }

    static func value(_ index: Int, _ life: UInt64, _ column: Int, _ number: UInt64) -> UInt64 {
        switch column {
        case 0: number * UInt64(1_000 + index) + life
        case 1: (number &* 0x9e37_79b9_7f4a_7c15) >> UInt64(index * 4)
        case 2: life + 7
        default: 0
        }
    }

    static func parse(_ metadata: [UInt8]) -> (index: Int, life: UInt64) {
        let parts = String(decoding: metadata, as: UTF8.self).split(separator: "/")
        return (Int(parts[0])!, UInt64(parts[1])!)
    }

    private static func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress!, $0.count) }
    }
}
