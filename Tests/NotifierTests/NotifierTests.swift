import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Notifier
@testable import VexportCore

/// The notifier with real requests to servers that behave as badly as servers do.
@Suite(.serialized) struct NotifierTests {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vx-alerts-\(UUID())").path
    private let log = LogLines()

    private func notifier(
        _ channels: [String: [Channel]], root: String = "ops", directory: String? = nil,
        plugins: (any NotificationTaker<PluginNotification>)? = nil
    ) -> Notifier {
        let rule = Rule("Flaps", .finding("link_flapping"), labels: ["severity": "warning"])
        return Notifier(
            settings: AlertSettings(
                rules: [rule], externalLabels: ["instance": "h"],
                root: AlertRoute(receiver: root, groupWait: .zero, groupInterval: .seconds(1)),
                receivers: channels, directory: directory ?? self.directory),
            plugins: plugins, logger: Logger(label: "test") { _ in log })
    }

    private func webhook(_ url: String, timeout: Duration = .seconds(5)) -> Channel {
        var channel = Channel(.webhook)
        channel.endpoint.url = url
        channel.endpoint.http.timeout = timeout
        return channel
    }

    private func find(_ notifier: Notifier, _ devices: String...) {
        notifier.observe(
            devices.enumerated().map { number, device in
                Finding(
                    kind: .linkFlapping, link: LinkIdentity(index: Int32(number), birth: UInt64(number)),
                    place: LinkPlace(.own, Int32(number)), device: EscapedText(device.utf8), namespace: nil,
                    severity: .warning, reason: "it flaps", evidence: [], command: nil, since: nil)
            })
    }

    private func devices(_ request: WebhookServer.Request, status: String) -> [String] {
        let alerts = request.object["alerts"] as? [[String: Any]] ?? []
        return alerts.filter { $0["status"] as? String == status }
            .compactMap { ($0["labels"] as? [String: String])?["device"] }
    }

    @Test("an alert is told once, and its end too")
    func deliver() throws {
        let server = try WebhookServer()
        defer { server.stop() }
        let notifier = notifier(["ops": [webhook(server.url)]])
        find(notifier, "veth0")
        try wait("the alert") { server.requests.count == 1 }
        #expect(devices(server.requests[0], status: "firing") == ["veth0"])
        find(notifier, "veth0")
        find(notifier)
        try wait("its end") { server.requests.count == 2 }
        #expect(devices(server.requests[1], status: "resolved") == ["veth0"])
        notifier.stop()
        #expect(server.requests.count == 2)
    }

    /// Takes what it is given, but not the first time.
    private final class Taker: NotificationTaker {
        let taken = Mutex<[PluginNotification]>([])

        func deliver(
            _ message: PluginNotification, _ completion: @escaping @Sendable (DeliveryVerdict) -> Void
        ) {
            let isFirst = taken.withLock { taken in
                taken.append(message)
                return taken.count == 1
            }
            completion(isFirst ? .retry(reason: "the plugin is not ready") : .delivered)
        }
    }

    @Test("a plugin is told as a webhook is, and told again what it did not take")
    func plugin() throws {
        let taker = Taker()
        let notifier = notifier(["ops": [Channel(.plugin("printer"))]], plugins: taker)
        find(notifier, "veth0")
        try wait("two tries") { taker.taken.withLock { $0.count == 2 } }
        try wait("the delivery") { log.contains("notification delivered") }
        notifier.stop()
        #expect(log.contains("the plugin is not ready"))
        let message = taker.taken.withLock { $0[1] }
        let object = try JSONSerialization.jsonObject(with: Data(message.json)) as? [String: Any]
        #expect(message.plugin == "printer" && object?["version"] as? String == "4")
        #expect(!message.json.contains(UInt8(ascii: "\n")))
    }

    @Test("500, a connection cut short and 429 are tried again, as late as the receiver asks")
    func retries() throws {
        let server = try WebhookServer { _, count in
            switch count {
            case 0: .status(500)
            case 1: .cut
            case 2: .status(429, headers: "Retry-After: 2\r\n")
            default: .status(200)
            }
        }
        defer { server.stop() }
        let notifier = notifier(["ops": [webhook(server.url)]])
        find(notifier, "veth0")
        try wait("four tries", seconds: 20) { server.requests.count == 4 }
        let times = server.requests.map(\.at)
        #expect(times[3] - times[2] >= .seconds(2))
        #expect(Set(server.requests.map(\.body)).count == 1)
        try wait("the delivery") { log.contains("notification delivered") }
        notifier.stop()
        #expect(log.contains("status 500") && log.contains("status 429"))
    }

    @Test("a refusal is final, told in the log and counted")
    func refusal() async throws {
        let server = try WebhookServer { _, _ in .status(403) }
        defer { server.stop() }
        let notifier = notifier(["ops": [webhook(server.url)]])
        find(notifier, "veth0")
        try wait("the refusal") { log.contains("notification refused") }
        let report = await notifier.report()
        #expect(report.deliveries.map(\.dropped) == [1] && report.deliveries[0].lastError == "status 403")
        #expect(server.requests.count == 1)
        notifier.stop()
    }

    @Test("a receiver that hangs keeps no other waiting")
    func hanging() throws {
        let (slow, quick) = (try WebhookServer { _, _ in .hang }, try WebhookServer())
        defer { for server in [slow, quick] { server.stop() } }
        let notifier = notifier(["ops": [webhook(slow.url, timeout: .seconds(60)), webhook(quick.url)]])
        find(notifier, "veth0")
        try wait("both to be asked") { slow.requests.count == 1 && quick.requests.count == 1 }
        find(notifier, "veth0", "veth1")
        try wait("the quick one to hear more") { quick.requests.count == 2 }
        #expect(slow.requests.count == 1)
        notifier.stop()
    }

    @Test("a hang ends with the timeout, and is tried again")
    func timeout() throws {
        let server = try WebhookServer { _, count in count == 0 ? .hang : .status(200) }
        defer { server.stop() }
        let notifier = notifier(["ops": [webhook(server.url, timeout: .milliseconds(300))]])
        find(notifier, "veth0")
        try wait("the second try") { server.requests.count == 2 }
        notifier.stop()
        #expect(log.contains("Timeout was reached"))
    }

    @Test("what was not delivered is delivered after a restart, and what was told is resolved")
    func restart() throws {
        let refusing = try WebhookServer { _, _ in .status(503) }
        let first = notifier(["ops": [webhook(refusing.url)]])
        find(first, "veth0")
        try wait("a try") { refusing.requests.count == 1 }
        first.stop()
        refusing.stop()
        let server = try WebhookServer()
        defer { server.stop() }
        let second = notifier(["ops": [webhook(server.url)]])
        try wait("the alert") { server.requests.count == 1 }
        #expect(devices(server.requests[0], status: "firing") == ["veth0"])
        // The diagnosis begins anew: that nothing has been found yet does not mean that all is well.
        find(second)
        find(second, "veth0", "veth1")
        try wait("a new one beside the old") { server.requests.count == 2 }
        #expect(devices(server.requests[1], status: "firing") == ["veth0", "veth1"])
        find(second)
        try wait("their end") { server.requests.count == 3 }
        #expect(devices(server.requests[2], status: "resolved") == ["veth0", "veth1"])
        second.stop()
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test("a damaged outbox is put aside and told of, and alerting goes on")
    func damaged() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(repeating: 0x5a, count: 8_192).write(to: URL(fileURLWithPath: "\(directory)/alerts.db"))
        let server = try WebhookServer()
        defer { server.stop() }
        let notifier = notifier(["ops": [webhook(server.url)]])
        find(notifier, "veth0")
        try wait("the alert") { server.requests.count == 1 }
        notifier.stop()
        #expect(log.contains("moved to \(directory)/alerts.db.damaged"))
        #expect(FileManager.default.fileExists(atPath: "\(directory)/alerts.db.damaged"))
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test("a full disk is told of once, and alerting goes on in memory until it takes changes again")
    func fullDisk() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Command.run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", directory)
        defer {
            _ = try? Command.run("umount", directory)
            try? FileManager.default.removeItem(atPath: directory)
        }
        let server = try WebhookServer()
        defer { server.stop() }
        let notifier = notifier(["ops": [webhook(server.url)]])
        find(notifier, "veth0")
        try wait("the first") { server.requests.count == 1 }
        _ = try? Command.run("dd", "if=/dev/zero", "of=\(directory)/filler", "bs=4k", "count=100")
        find(notifier, "veth0", "veth1")
        try wait("the second, which can't be stored") { server.requests.count == 2 }
        find(notifier, "veth0", "veth1", "veth2")
        try wait("the third") { server.requests.count == 3 }
        #expect(log.all.count { $0.contains("going on in memory") } == 1)
        #expect(NotifierFigures.value(notifier, "vexport_notifications_outbox_success") == 0)
        unlink("\(directory)/filler")
        find(notifier)
        try wait("the end") { server.requests.count == 4 }
        #expect(log.contains("the outbox takes changes again"))
        notifier.stop()
    }

    @Test("a file that another vexport has open is told of, and alerting goes on in memory")
    func taken() throws {
        let server = try WebhookServer()
        defer { server.stop() }
        let first = notifier(["ops": [webhook(server.url)]])
        find(first, "veth0")
        try wait("the first") { server.requests.count == 1 }
        let second = notifier(["ops": [webhook(server.url)]])
        find(second, "veth1")
        try wait("the second") { server.requests.count == 2 }
        #expect(log.contains("database is locked"))
        first.stop()
        second.stop()
        try FileManager.default.removeItem(atPath: directory)
    }
}

/// One value of a notifier's metrics.
enum NotifierFigures {
    static func value(_ notifier: Notifier, _ name: String) -> Double? {
        var sink = SampleSink()
        notifier.collect(into: &sink)
        return sink.families.first { $0.metric.name == name }?.samples.first?.value
    }
}
