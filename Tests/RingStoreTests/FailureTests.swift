import Foundation
import RingStore
import Synchronization
import TestSupport
import Testing

/// Disks that are full, read-only, missing or slow, and stores that somebody else has.
@Suite(.serialized) struct FailureTests {
    /// A file system of its own, unmounted when the test ends.
    private final class SmallDisk {
        let path: String

        init(_ places: Places, options: String) throws {
            path = places.root + "/disk"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Command.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
        }

        func remount(_ options: String) throws { try Command.run("mount", "-o", "remount,\(options)", path) }

        deinit { _ = try? Command.run("umount", "-l", path) }
    }

    private static func options(_ places: Places) -> RingOptions {
        var options = places.options(columns: 2)
        options.tiers = [.init(interval: .seconds(1), retention: .seconds(600))]
        return options
    }

    /// Appends ticks to one subject, whose counters hardly compress.
    private static func fill(_ store: RingStore, _ seconds: ClosedRange<UInt64>, flushes: Bool = true) {
        _ = store.attach(key: [1], row: 0, at: Tick(second: seconds.lowerBound))
        for second in seconds {
            let noise = second &* 0x9e37_79b9_7f4a_7c15
            #expect(store.append(Tick(second: second), rows: [[noise, ~noise]], columns: 2) == .appended)
            if flushes && second % 100 == 0 { store.flush() }
        }
    }

    private static func count(_ history: History) throws -> Int {
        var count = 0
        for subject in history.subjects.keys { try history.read(subject, column: 0) { count += $0.count } }
        return count
    }

    @Test("a full disk keeps blocks in memory, is told of once, and catches up when there is room")
    func fullDisk() throws {
        let places = try Places()
        let disk = try SmallDisk(places, options: "size=16k")
        var options = Self.options(places)
        options.stateDirectory = disk.path
        let notices = Notices()
        let store = try RingStore(options, at: Tick(second: 1), notify: notices.callAsFunction)
        Self.fill(store, 1...500)
        #expect(notices.all.map(\.kind) == [.degraded], "\(notices.texts)")
        #expect(notices.texts[0].contains("No space left on device"), "\(notices.texts)")
        #expect(try Self.count(store.history()) == 500)
        #expect(store.statistics.unwrittenBlocks > 0)
        #expect(try places.files(places.runtime).count <= 4)

        try disk.remount("size=1m")
        Self.fill(store, 501...600)
        #expect(notices.all.map(\.kind) == [.degraded, .restored], "\(notices.texts)")
        #expect(store.statistics.unwrittenBlocks == 0)
        store.close()
        #expect(try Self.count(try History(stateDirectory: disk.path) { Issue.record("\($0)") }) == 600)
    }

    @Test("a full tmpfs for logs costs nothing but the safety of what is open")
    func fullRuntime() throws {
        let places = try Places()
        let disk = try SmallDisk(places, options: "size=128k")
        var options = Self.options(places)
        options.runtimeDirectory = disk.path
        let notices = Notices()
        let store = try RingStore(options, at: Tick(second: 1), notify: notices.callAsFunction)
        Self.fill(store, 1...900)
        #expect(notices.all.allSatisfy { $0.kind == .degraded } && notices.all.count == 1, "\(notices.texts)")
        #expect(notices.texts.first?.contains("a crash loses") == true, "\(notices.texts)")
        #expect(store.statistics.droppedTicks == 0)
        #expect(try Self.count(store.history()) >= 600)
    }

    @Test("a tmpfs that fills up in the middle of a log loses no tick")
    func fillingRuntime() throws {
        let places = try Places()
        let disk = try SmallDisk(places, options: "size=300k")
        var options = Self.options(places)
        options.columnCount = 32
        options.runtimeDirectory = disk.path
        let notices = Notices()
        let store = try RingStore(options, at: Tick(second: 1), notify: notices.callAsFunction)
        let subject = store.attach(key: [1], row: 63, at: Tick(second: 1))
        for row in 0..<63 { _ = store.attach(key: [2, UInt8(row)], row: row, at: Tick(second: 1)) }
        for second in UInt64(1)...50 {
            let rows = (0..<64).map { row in (0..<32).map { (second &* 0x9e37_79b9_7f4a_7c15) &+ UInt64(row * $0) } }
            #expect(store.append(Tick(second: second), rows: rows, columns: 32) == .appended)
        }
        store.flush()
        #expect(notices.texts.count == 1 && notices.texts[0].contains("No space left"), "\(notices.texts)")
        #expect(try store.history().samples(subject, columns: 32, tier: 0).count == 50)
    }

    @Test("a read-only disk leaves a store in memory, and says so")
    func readOnly() throws {
        let places = try Places()
        let disk = try SmallDisk(places, options: "size=1m,ro")
        var options = Self.options(places)
        options.stateDirectory = disk.path + "/state"
        options.runtimeDirectory = disk.path + "/run"
        let notices = Notices()
        let store = try RingStore(options, at: Tick(second: 1), notify: notices.callAsFunction)
        #expect(notices.all.map(\.kind) == [.degraded])
        #expect(notices.texts.allSatisfy { $0.contains("Read-only file system") }, "\(notices.texts)")
        Self.fill(store, 1...500)
        #expect(try Self.count(store.history()) == 500)
        #expect(notices.all.count == 1)
    }

    @Test("a missing parent directory is told of, not made")
    func missing() throws {
        let places = try Places()
        var options = Self.options(places)
        options.stateDirectory = places.root + "/a/b"
        let notices = Notices()
        let store = try RingStore(options, at: Tick(second: 1), notify: notices.callAsFunction)
        Self.fill(store, 1...10)
        #expect(notices.texts.count == 1 && notices.texts[0].contains("No such file or directory"), "\(notices.texts)")
    }

    @Test("a store that somebody has open cannot be opened again, but read")
    func inUse() throws {
        let places = try Places()
        let store = try RingStore(Self.options(places), at: Tick(second: 1)) { Issue.record("\($0)") }
        Self.fill(store, 1...250)
        #expect(throws: RingError.inUse(directory: places.state)) {
            try RingStore(Self.options(places), at: Tick(second: 1)) { _ in }
        }
        var options = Self.options(places)
        options.stateDirectory = nil
        #expect(throws: RingError.inUse(directory: places.runtime)) {
            try RingStore(options, at: Tick(second: 1)) { _ in }
        }
        let history = try History(stateDirectory: places.state, runtimeDirectory: places.runtime) {
            Issue.record("\($0)")
        }
        #expect(try Self.count(history) == 250)
        store.close()
        _ = try RingStore(Self.options(places), at: Tick(second: 251)) { Issue.record("\($0)") }
    }

    @Test("what cannot be read post mortem is an error, what is gone with the boot is not")
    func postMortem() throws {
        let places = try Places()
        #expect(throws: RingError.self) { try History(stateDirectory: places.root + "/none") { _ in } }
        let store = try RingStore(Self.options(places), at: Tick(second: 1)) { Issue.record("\($0)") }
        Self.fill(store, 1...100)
        store.close()
        let notices = Notices()
        let history = try History(
            stateDirectory: places.state, runtimeDirectory: places.root + "/none", notify: notices.callAsFunction)
        #expect(notices.texts.count == 1)
        #expect(try Self.count(history) == 100)
    }

    @Test("a disk that hangs delays no tick")
    func hangingDisk() throws {
        let places = try Places()
        let disk = try SmallDisk(places, options: "size=4k")
        try Data(count: 4096).write(to: URL(fileURLWithPath: disk.path + "/other"))
        var options = Self.options(places)
        options.stateDirectory = disk.path
        // The thread that writes hangs where it tells of the full disk: as it would in a write.
        let (isHanging, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let store = try RingStore(options, at: Tick(second: 1)) { _ in
            isHanging.signal()
            goesOn.wait()
        }
        Self.fill(store, 1...100, flushes: false)
        isHanging.wait()
        for block in UInt64(1)...4 {
            Self.fill(store, (block * 100 + 1)...(block * 100 + 100), flushes: false)
            try wait("block \(block)") { store.statistics.tiers[0].blocks > block }
        }
        #expect(store.statistics.droppedTicks == 0)
        #expect(try Self.count(store.history()) == 500)
        for _ in 0..<10 { goesOn.signal() }
        store.close()
    }
}
