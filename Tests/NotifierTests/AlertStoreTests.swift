import Foundation
import TestSupport
import Testing

@testable import Notifier
@testable import VexportCore

/// What is in the file, and what changes of it cost.
struct AlertStoreTests {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vx-store-\(UUID())").path
    private var file: String { directory + "/alerts.db" }
    private let start = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

    private func open() throws -> AlertStore {
        try AlertStore(directory: directory) { Issue.record("put aside: \($0)") }
    }

    private func flapping(_ links: Range<Int>) -> RuleInput {
        var input = RuleInput()
        input.findings["link_flapping"] = links.map { AlertCondition(AlertSubject(.link, "veth\($0)")) }
        return input
    }

    /// Rules, and what one channel is told.
    private struct Watch {
        var engine = RuleEngine(rules: BuiltInRules.all, externalLabels: ["instance": "h"])
        var dispatcher = AlertDispatcher(
            plan: NotificationPlan(
                root: AlertRoute(receiver: "ops"),
                receivers: ["ops": [AlertChannel(id: "ops/webhook/0", receiver: "ops")]]))
        var saved: SavedAlerts { SavedAlerts(engine, dispatcher) }

        mutating func take(_ input: RuleInput, at: Timestamp) {
            dispatcher.take(engine.evaluate(input, at: at), at: at)
            _ = dispatcher.flush(at: at)
        }
    }

    @Test("of 5,000 alerts one that ends is a few pages to write")
    func oneOfMany() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var watch = Watch()
        watch.take(flapping(0..<5_000), at: start)
        watch.take(RuleInput(), at: start + .seconds(10))
        var store: AlertStore? = try open()
        _ = try store?.load()
        try store?.save(watch.saved, adding: [])
        // The log is empty when the file is opened again: all that is in it then is of the one change.
        store = nil
        store = try open()
        #expect(try store?.load().saved.rows(since: watch.saved).isEmpty == true)
        watch.take(flapping(1..<5_000), at: start + .seconds(20))
        try store?.save(watch.saved, adding: [])
        let bytes = try FileManager.default.attributesOfItem(atPath: file + "-wal")[.size] as? Int ?? 0
        print("alerts: one of 5,000 that ends writes \(bytes) bytes")
        #expect(bytes > 0 && bytes < 65_536)
        store = nil
        #expect(try open().load().saved.alerts.count == 4_999)
    }

    @Test("a file of an earlier version is read, and has rows of this one after the next change")
    func earlierVersion() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var watch = Watch()
        watch.take(flapping(0..<3), at: start)
        watch.take(RuleInput(), at: start + .seconds(10))
        var store: AlertStore? = try open()
        store = nil
        var database: Database? = try Database(path: file)
        let old = [
            ("alerts", try JSONEncoder().encode(watch.engine.active)),
            ("dispatcher", try JSONEncoder().encode(watch.dispatcher.saved)),
        ]
        try database?.run(
            "INSERT INTO state (name, value) VALUES (?, ?)", each: old.map { [.text($0), .bytes(Array($1))] })
        database = nil
        store = try open()
        let read = try #require(try store?.load().saved)
        #expect(read.alerts.count == 3 && read.rows(since: watch.saved).isEmpty)
        watch.take(flapping(1..<3), at: start + .seconds(20))
        try store?.save(watch.saved, adding: [])
        store = nil
        store = try open()
        let next = try #require(try store?.load().saved)
        #expect(!next.isOfOldForm && next.rows(since: watch.saved).isEmpty && next.alerts.count == 2)
    }

    @Test("what a full disk kept out of the file is in it with the next change that it takes")
    func fullDisk() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Command.run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", directory)
        defer {
            _ = try? Command.run("umount", directory)
            try? FileManager.default.removeItem(atPath: directory)
        }
        var watch = Watch()
        var store: AlertStore? = try open()
        _ = try store?.load()
        watch.take(flapping(0..<10), at: start)
        try store?.save(watch.saved, adding: [])
        watch.take(flapping(0..<2_000), at: start + .seconds(1))
        #expect(throws: Database.Failure.self) { try store?.save(watch.saved, adding: []) }
        watch.take(flapping(5..<12), at: start + .seconds(2))
        try store?.save(watch.saved, adding: [])
        store = nil
        store = try open()
        #expect(try store?.load().saved.rows(since: watch.saved).isEmpty == true)
        store = nil
    }
}
