import Foundation
import TestSupport
import Testing

@testable import VexportCore

/// What is stored of alerts, without a file.
struct SavedAlertsTests {
    private func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000) }

    /// Rules with what is told of them, and what was stored of both.
    private struct Watch {
        var engine = RuleEngine(
            rules: [
                Rule("Flaps", .finding("link_flapping")),
                Rule("Down", .finding("veth_peer_down"), hold: .seconds(20), keepFiring: .seconds(30)),
            ], externalLabels: ["instance": "h"])
        var dispatcher: AlertDispatcher
        var saved = SavedAlerts()
        var file: [String: [UInt8]] = [:]

        init(groupBy: [String]? = ["alertname"]) {
            let root = AlertRoute(receiver: "ops", groupBy: groupBy)
            let channels = ["ops/webhook/0", "ops/slack/0"].map { AlertChannel(id: $0, receiver: "ops") }
            dispatcher = AlertDispatcher(plan: NotificationPlan(root: root, receivers: ["ops": channels]))
        }

        mutating func find(_ findings: [String: [Int]], at: Timestamp) -> [AlertNotification] {
            var input = RuleInput()
            input.findings = findings.mapValues { links in
                links.map { AlertCondition(AlertSubject(.link, "veth\($0)")) }
            }
            dispatcher.take(engine.evaluate(input, at: at), at: at)
            return dispatcher.flush(at: at)
        }

        /// - Returns: the names of the rows that were written.
        mutating func save() -> [String] {
            let now = SavedAlerts(engine, dispatcher)
            let rows = now.rows(since: saved)
            for (name, value) in rows { file[name] = value }
            saved = now
            return rows.map(\.name)
        }

        func read() throws -> SavedAlerts {
            var saved = SavedAlerts()
            for (name, value) in file.sorted(by: { $0.key < $1.key }) { try saved.read(name, value) }
            return saved
        }
    }

    @Test("of thousands of alerts a save writes the one that changed, in each of its groups")
    func changes() {
        var watch = Watch()
        _ = watch.find(["link_flapping": Array(0..<2_000)], at: time(0))
        #expect(watch.save().count == 2_000 + 2 * (1 + 2_000))
        #expect(watch.find([:], at: time(10)).count == 2)
        #expect(watch.save().count == 2 * (1 + 2_000), "they were told of, and when that will be again")
        #expect(watch.save().isEmpty)
        _ = watch.find(["link_flapping": Array(1..<2_000)], at: time(20))
        #expect(watch.save().count == 1 + 2)
        _ = watch.find(["link_flapping": Array(0..<2_000)], at: time(21))
        #expect(watch.save().count == 1 + 2)
    }

    @Test("what is read is what there was, after many changes", arguments: [["alertname"], nil])
    func walk(groupBy: [String]?) throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("saved alerts: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var watch = Watch(groupBy: groupBy)
        for second in stride(from: 0, to: 3_000, by: 10) {
            let classes = ["link_flapping", "veth_peer_down"].filter { _ in Bool.random(using: &generator) }
            let findings = classes.map { ($0, (0..<8).filter { _ in Bool.random(using: &generator) }) }
            _ = watch.find(Dictionary(uniqueKeysWithValues: findings), at: time(second))
            if Bool.random(using: &generator) { _ = watch.save() }
        }
        _ = watch.save()
        let (read, saved) = (try watch.read(), watch.saved)
        #expect(read.rows(since: saved).isEmpty && saved.rows(since: read).isEmpty)
        #expect(Set(read.alerts.map(\.labels)) == Set(watch.engine.active.map(\.labels)))
        var dispatcher = AlertDispatcher(plan: watch.dispatcher.plan, saved: read.dispatcher)
        let told = watch.dispatcher.flush(at: time(10_000_000))
        #expect(dispatcher.flush(at: time(10_000_000)) == told && !told.isEmpty)
        #expect(watch.file.count > 16)
    }

    @Test("the two rows of an earlier version are read")
    func oldForm() throws {
        var watch = Watch()
        _ = watch.find(["link_flapping": [1, 2]], at: time(0))
        _ = watch.find([:], at: time(10))
        var read = SavedAlerts()
        try read.read("alerts", Array(JSONEncoder().encode(watch.engine.active)))
        try read.read("dispatcher", Array(JSONEncoder().encode(watch.dispatcher.saved)))
        #expect(read.isOfOldForm)
        #expect(read.rows(since: SavedAlerts(watch.engine, watch.dispatcher)).isEmpty)
        #expect(read.dispatcher.groups.map(\.told.count) == [2, 2])
    }
}
