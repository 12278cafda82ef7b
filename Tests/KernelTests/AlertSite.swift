import Foundation
import TestSupport

/// A daemon in a namespace of its own with receivers in it, gone with the test.
final class AlertSite {
    /// A rule on a state, which can be seen after a crash too.
    static let level = """
        rules:
          - {alert: NoCarrier, value: vexport_link_carrier, below: 1, links: {name: "p*"}, labels: {severity: warning}}
        """

    let namespace: Namespace
    let directory: String

    init() throws {
        namespace = try Namespace()
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("vx-\(namespace.name)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
        try? FileManager.default.removeItem(atPath: "/run/vexport/history-tmp-vx-\(namespace.name)")
    }

    func server(
        reply: @escaping @Sendable (WebhookServer.Request, Int) -> WebhookServer.Reply = { _, _ in .status(200) }
    ) throws -> WebhookServer {
        try namespace.inside { try WebhookServer(reply: reply) }
    }

    func configure(_ text: String) throws {
        try Data("storage: {path: \(directory)}\n\(text)\n".utf8)
            .write(to: URL(fileURLWithPath: "\(directory)/config.yaml"))
    }

    func serve() throws -> Background {
        try DaemonTests.serve(namespace, "--config.file", "\(directory)/config.yaml")
    }

    @discardableResult
    func vexport(_ arguments: String...) throws -> String {
        try Command.run([DaemonTests.binary] + arguments + ["--socket", namespace.socket])
    }

    /// Makes veth pairs `p0` and `q0` and so on, both ends up.
    ///
    /// - Parameter bridge: what the first ends are ports of.
    func addPairs(_ count: Int, bridge: String? = nil) throws {
        try namespace.ipBatch(
            (0..<count).flatMap { number in
                [
                    "link add p\(number) type veth peer name q\(number)", "link set p\(number) up",
                    "link set q\(number) up",
                ] + (bridge.map { ["link set p\(number) master \($0)"] } ?? [])
            })
    }

    /// What the outbox of a daemon that was killed has committed to tell. Looks at a copy: the next daemon is to find the
    /// file as the last one left it.
    func outbox() throws -> Set<ToldAlert> {
        let copy = directory + "/copy"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        for name in ["alerts.db", "alerts.db-wal"] where FileManager.default.fileExists(atPath: "\(directory)/\(name)")
        {
            try FileManager.default.copyItem(atPath: "\(directory)/\(name)", toPath: "\(copy)/\(name)")
        }
        let lines = try Command.run(
            "python3", "-c",
            """
            import json, sqlite3, sys
            for (value,) in sqlite3.connect(sys.argv[1]).execute("SELECT value FROM outbox"):
                for item in json.loads(value)["items"]:
                    status = "resolved" if item.get("endsAt") else "firing"
                    print(item["labels"]["device"], status, item["startsAt"] // 1_000_000)
            """, copy + "/alerts.db")
        return Set(
            lines.split(separator: "\n").map { line in
                let words = line.split(separator: " ")
                return ToldAlert(device: String(words[0]), status: String(words[1]), start: Int(words[2])!)
            })
    }
}

/// One alert of a message.
struct ToldAlert: Hashable {
    var device: String
    var status: String
    /// When it began to fire, in milliseconds since 1970.
    var start: Int
}

extension WebhookServer.Request {
    /// The alerts in Alertmanager's webhook.
    var alerts: [ToldAlert] {
        let format = ISO8601DateFormatter()
        format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return (object["alerts"] as? [[String: Any]] ?? []).map { alert in
            let start = (alert["startsAt"] as? String).flatMap { format.date(from: $0) }
            return ToldAlert(
                device: (alert["labels"] as? [String: String])?["device"] ?? "",
                status: alert["status"] as? String ?? "",
                start: Int(((start?.timeIntervalSince1970 ?? 0) * 1_000).rounded()))
        }
    }
}
