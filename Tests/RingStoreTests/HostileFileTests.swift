import Foundation
import RingStore
import TestSupport
import Testing

/// Files as crashes, bad disks, later versions and ill-wishers leave them.
struct HostileFileTests {
    struct Damage: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// Which file: the end of its name.
        var file: String
        /// What the notice says.
        var reason: String
        var harm: @Sendable (inout Data) -> Void
        /// What is left of the 190 ticks.
        var left: ClosedRange<Int>

        init(
            _ description: String, _ file: String, _ reason: String, left: ClosedRange<Int>? = nil,
            harm: @escaping @Sendable (inout Data) -> Void
        ) {
            testDescription = description
            self.file = file
            self.reason = reason
            self.harm = harm
            self.left = left ?? (file == ".log" ? 150...150 : 140...140)
        }
    }

    static let damages = [
        Damage("an empty block", "01.block", "bytes at offset 0") { $0 = Data() },
        Damage("a block cut off in its header", "01.block", "damaged") { $0 = $0.prefix(60) },
        Damage("a block cut off in its samples", "01.block", "it ends after") { $0 = $0.prefix(100) },
        Damage("a block without its last byte", "02.block", "damaged") { $0.removeLast() },
        Damage("a bit flipped in a block's header", "01.block", "checksum of its header") { $0[30] ^= 4 },
        Damage("a bit flipped in a block's samples", "01.block", "checksum of its samples") { $0[$0.count / 2] ^= 1 },
        Damage("a bit flipped in a block's subjects", "01.block", "checksum of its subjects") { $0[$0.count - 8] ^= 1 },
        Damage("a block of a later version", "01.block", "set aside as tier0-00000000000000000001.block.later") {
            $0[8] = 2
        },
        Damage("something else", "01.block", "its first bytes are not this format's") { $0 = Data("#!/bin/sh\n".utf8) },
        Damage("zeros, as a crashed file system leaves them", "01.block", "its first bytes") {
            $0 = Data(count: $0.count)
        },
        Damage("a bit flipped in a log's header", ".log", "checksum of its header") { $0[20] ^= 1 },
        Damage("a bit flipped in a log's records", ".log", "checksum of the record", left: 151...189) {
            $0[2_000] ^= 1
        },
        Damage("a log that claims more than it has", ".log", "it claims") { $0[70] = 0xff },
        Damage("a log cut off", ".log", "it claims") { $0 = $0.prefix(1_000) },
        Damage("an empty log", ".log", "bytes at offset 0") { $0 = Data() },
        Damage("a log of a later version", ".log", ".log.later") { $0[8] = 9 },
    ]

    @Test("is set aside and told of, and the rest is there", arguments: damages)
    func damaged(_ damage: Damage) throws {
        let places = try Places()
        try Self.fill(places)
        let directory = damage.file == ".log" ? places.runtime : places.state
        let name = try #require(try places.files(directory).first { $0.hasSuffix(damage.file) })
        let file = URL(fileURLWithPath: directory + "/" + name)
        var bytes = try Data(contentsOf: file)
        damage.harm(&bytes)
        try bytes.write(to: file)

        // Post mortem first: it changes nothing.
        let notices = Notices()
        let history = try History(
            stateDirectory: places.state, runtimeDirectory: places.runtime, notify: notices.callAsFunction)
        #expect(damage.left.contains(try Self.count(history)))
        #expect(notices.all.count == 1)
        #expect(try Data(contentsOf: file) == bytes)

        let told = Notices()
        let store = try RingStore(Self.options(places), at: Tick(second: 201), notify: told.callAsFunction)
        #expect(told.texts.count == 1 && told.texts[0].contains(damage.reason), "\(told.texts)")
        #expect(told.texts[0].contains(name), "\(told.texts)")
        #expect(told.all.allSatisfy { $0.kind == .setAside })
        #expect(damage.left.contains(try Self.count(store.history())))
        let subject = store.attach(key: [1], row: 0, at: Tick(second: 201))
        #expect(store.append(Tick(second: 201), rows: [[1, 2]], columns: 2) == .appended)
        store.close()
        // The next one is not bothered any more.
        let again = try RingStore(Self.options(places), at: Tick(second: 202), notify: told.callAsFunction)
        #expect(told.texts.count == 1, "\(told.texts)")
        #expect(again.history().subjects[subject] != nil)
        #expect(try places.files(directory).contains { $0.hasPrefix(name + ".") })
    }

    private static func options(_ places: Places) -> RingOptions {
        var options = places.options(columns: 2)
        options.tiers = [.init(interval: .seconds(1), retention: .seconds(300))]
        return options
    }

    /// 190 ticks: three blocks of fifty, and a log that a killed process left.
    private static func fill(_ places: Places) throws {
        let other = try Places()
        var options = options(places)
        options.runtimeDirectory = other.runtime
        let store = try RingStore(options, at: Tick(second: 1)) { Issue.record("\($0)") }
        _ = store.attach(key: [1], metadata: [2], row: 0, at: Tick(second: 1))
        for second in 1...190 {
            store.append(Tick(second: UInt64(second)), rows: [[UInt64(second * second), 7]], columns: 2)
            if second == 150 { store.flush() }
        }
        // What a kill leaves: the log as it is now, and no fourth block.
        try FileManager.default.copyItem(atPath: other.runtime, toPath: places.runtime)
        let blocks = try places.files(places.state)
        store.close()
        for name in try places.files(places.state) where !blocks.contains(name) {
            try FileManager.default.removeItem(atPath: places.state + "/" + name)
        }
    }

    private static func count(_ history: History) throws -> Int {
        var count = 0
        for subject in history.subjects.keys { try history.read(subject, column: 0, tier: 0) { count += $0.count } }
        return count
    }
}
