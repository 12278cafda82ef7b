import Foundation
import RingStore
import TestSupport
import Testing

@testable import ring_tool

/// A process that is killed while it writes, again and again, into the same directories.
struct KillTests {
    private static let rounds = ProcessInfo.processInfo.environment["VEXPORT_SOAK"] == "1" ? 200 : 20

    @Test("a kill at any moment loses at most the tick in flight, and the next process goes on")
    func kills() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("ring kills: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let places = try Places()
        // Beside these tests, where they were built.
        let tool = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("ring-tool").path
        var last: UInt64 = 0
        for round in 0..<Self.rounds {
            let writer = try Background([tool, "write", places.state, places.runtime])
            // Where the writer is when it is killed has nothing to do with the line that was read.
            try writer.waitForLine("tick \(last + UInt64.random(in: 1...130, using: &generator))")
            writer.kill()
            let acknowledged = writer.rest().split(separator: "\n").compactMap(Self.number).max() ?? 0
            last = try Self.check(places, acknowledged: acknowledged, round: round)
        }
        #expect(
            try places.files(places.state).allSatisfy { $0 == "lock" || $0.hasSuffix(".block") || $0.hasSuffix(".tmp") }
        )
    }

    private static func number(_ line: Substring) -> UInt64? {
        line.hasPrefix("tick ") ? UInt64(line.dropFirst(5)) : nil
    }

    /// - Returns: the last tick in the store.
    private static func check(_ places: Places, acknowledged: UInt64, round: Int) throws -> UInt64 {
        let history = try History(stateDirectory: places.state, runtimeDirectory: places.runtime) {
            Issue.record("round \(round): \($0)")
        }
        let first = try #require(history.first(tier: 0)).tick.monotonic / Tick.second
        let last = try #require(history.last(tier: 0)).tick.monotonic / Tick.second
        #expect((acknowledged...(acknowledged + 1)).contains(last), "round \(round): tick \(last)")
        var counts: [UInt64: Int] = [:]
        for subject in history.subjects.values {
            let (index, life) = EndlessWriter.parse(subject.metadata)
            for column in 0..<EndlessWriter.columns {
                try history.read(subject.id, column: column, tier: 0) { run in
                    for position in 0..<run.count {
                        let number = run.ticks[position].monotonic / Tick.second
                        let expected = EndlessWriter.value(index, life, column, number)
                        #expect(run.values[position] == expected && EndlessWriter.life(index, number) == life)
                        counts[number, default: 0] += 1
                    }
                }
            }
        }
        let complete = EndlessWriter.subjects * EndlessWriter.columns
        #expect((first...last).allSatisfy { counts[$0] == complete }, "round \(round): a tick lacks samples")
        return last
    }
}
