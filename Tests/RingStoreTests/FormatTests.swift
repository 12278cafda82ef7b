import Foundation
import RingStore
import TestSupport
import Testing

/// FORMAT.md's example, which is what a store writes today and what it must be able to read for ever.
struct FormatTests {
    /// The bytes of a fenced block of FORMAT.md. Behind a `;` there is an explanation.
    private static func example(_ name: String) throws -> [UInt8] {
        let text = try Repository.text("Sources/RingStore/FORMAT.md")
        let start = try #require(text.range(of: "```\(name)\n")).upperBound
        let end = try #require(text.range(of: "```", range: start..<text.endIndex)).lowerBound
        return text[start..<end].split(separator: "\n").flatMap { line in
            line.prefix { $0 != ";" }.split(separator: " ").map { UInt8($0, radix: 16)! }
        }
    }

    /// Writes the example's three ticks.
    ///
    /// - Returns: the log as it was, and the block that it became.
    private static func write() throws -> (log: [UInt8], block: [UInt8]) {
        let places = try Places()
        var options = places.options(columns: 2)
        options.boot = Boot(high: 0x1122_3344_5566_7788, low: 0x99aa_bbcc_ddee_ff00)
        let store = try RingStore(options, at: Self.ticks[0]) { Issue.record("\($0)") }
        _ = store.attach(key: Array("eth0".utf8), metadata: Array("up".utf8), row: 0, at: Self.ticks[0])
        for (tick, row) in zip(Self.ticks, Self.rows) { store.append(tick, rows: [row], columns: 2) }
        let log = [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: places.runtime + "/tier0-00000000000000000001.log")))
        store.close()
        let block = try Data(contentsOf: URL(fileURLWithPath: places.state + "/tier0-00000000000000000001.block"))
        let end = log[64..<72].reversed().reduce(0) { $0 << 8 | Int($1) }
        return (Array(log[..<end]), [UInt8](block))
    }

    private static let ticks = [10, 11, 12].map { (second: UInt64) in
        Tick(monotonic: second * Tick.second, wall: 1_800_000_000_000_000_000 + Int64(second * Tick.second))
    }
    private static let rows: [[UInt64]] = [[1_000, 7], [1_500, 7], [2_100, 7]]

    @Test("a store writes the bytes of FORMAT.md's example")
    func written() throws {
        let (log, block) = try Self.write()
        func hex(_ bytes: [UInt8]) -> String {
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
        }
        let (expectedLog, expectedBlock) = (try Self.example("log"), try Self.example("block"))
        #expect(log == expectedLog, "\(hex(log))")
        #expect(block == expectedBlock, "\(hex(block))")
    }

    @Test("FORMAT.md's example is read as what it says", arguments: ["log", "block"])
    func read(_ kind: String) throws {
        let places = try Places()
        for directory in [places.state, places.runtime] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        let directory = kind == "log" ? places.runtime : places.state
        try Data(try Self.example(kind)).write(
            to: URL(fileURLWithPath: directory + "/tier0-00000000000000000001.\(kind)"))
        let history = try History(stateDirectory: places.state, runtimeDirectory: places.runtime) {
            Issue.record("\($0)")
        }
        let subject = try #require(history.subjects.values.first)
        #expect(subject.key == Array("eth0".utf8) && subject.metadata == Array("up".utf8) && subject.died == nil)
        #expect(subject.born == RingMoment(epoch: 1, tick: Self.ticks[0]))
        let samples = try history.samples(subject.id, columns: 2, tier: 0)
        #expect(samples == zip(Self.ticks, Self.rows).map { .init(moment: RingMoment(epoch: 1, tick: $0), values: $1) })
    }
}
