import Foundation
import TestSupport
import Testing

/// A real Matrix server as a receiver: Synapse, which `make soak` installs in .build/synapse.
@Suite(.serialized, .enabled(if: isSoak)) struct MatrixTests {
    private static let python = Repository.root.appendingPathComponent(".build/synapse/bin/python").path
    private static let server = "http://127.0.0.1:8008"

    private let site: AlertSite
    private let synapse: Background

    init() throws {
        site = try AlertSite()
        let config = "\(site.directory)/homeserver.yaml"
        // It writes its log where it is started.
        let start = [
            "env", "--chdir", site.directory, Self.python, "-m", "synapse.app.homeserver", "--config-path", config,
        ]
        try Command.run(
            start + [
                "--server-name", "lab", "--report-stats", "no", "--data-directory", site.directory, "--generate-config",
            ])
        synapse = try Background(["ip", "netns", "exec", site.namespace.name] + start)
        try wait("Synapse", seconds: 60) { [site] in
            (try? site.namespace.run("curl", "-sf", "\(Self.server)/health")) != nil
        }
        try site.namespace.run(
            Self.python, "-m", "synapse._scripts.register_new_matrix_user", "--user", "ops", "--password", "swordfish",
            "--no-admin", "--config", config, Self.server)
    }

    /// Asks the server's client API.
    private func ask(_ path: String, _ body: String? = nil, token: String = "") throws -> [String: Any] {
        let arguments = body.map { ["--data", $0] } ?? []
        let answer = try Command.run(
            [
                "ip", "netns", "exec", site.namespace.name, "curl", "-sS", "-H", "Authorization: Bearer \(token)",
                "\(Self.server)/_matrix/client/v3/\(path)",
            ] + arguments)
        return try #require(JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any])
    }

    @Test("Synapse shows a room what is told to Matrix, with names that neither call anybody nor break the message")
    func room() throws {
        let login = """
            {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "ops"}, "password": "swordfish"}
            """
        let token = try #require(ask("login", login)["access_token"] as? String)
        let room = try #require(ask("createRoom", "{}", token: token)["room_id"] as? String)
        try Data(token.utf8).write(to: URL(fileURLWithPath: "\(site.directory)/token"))
        try site.configure(
            """
            rules: [{alert: NoCarrier, event: carrier_down, links: {name: "*room*"}}]
            external_labels: {instance: host7}
            route: {receiver: ops, group_wait: 0s, group_interval: 1s}
            receivers:
              - name: ops
                template:
                  - {preset: matrix, url: "\(Self.server)", secret_file: "\(site.directory)/token", target: "\(room)"}
            """)
        try site.namespace.run("ip", "link", "add", "<b>@room", "type", "veth", "peer", "name", "far")
        for end in ["<b>@room", "far"] { try site.namespace.run("ip", "link", "set", end, "up") }
        let daemon = try site.serve()
        /// The messages in the room, the newest first.
        func messages() throws -> [[String: Any]] {
            let path = try #require(room.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let chunk = try ask("rooms/\(path)/messages?dir=b&limit=20", token: token)["chunk"] as? [[String: Any]]
            return (chunk ?? []).filter { $0["type"] as? String == "m.room.message" }
                .compactMap { $0["content"] as? [String: Any] }
        }
        try #expect(site.vexport("alerts", "test", "ops") == "ops/template/0: delivered\n")
        try site.namespace.ip("link set far down")
        try wait("the alert") { try messages().count == 2 }
        try site.namespace.ip("link set far up")
        try wait("its end") { try messages().count == 3 }
        let shown = try messages()
        #expect((shown[0]["body"] as? String)?.hasPrefix("Resolved: NoCarrier on host7\n") == true)
        #expect((shown[1]["body"] as? String)?.hasPrefix("Firing: NoCarrier on host7\n") == true)
        let html = try #require(shown[1]["formatted_body"] as? String)
        #expect(html.contains("<b>&lt;b&gt;@\u{200b}room</b>"), "\(html)")
        #expect((shown[1]["m.mentions"] as? [String: Any])?.isEmpty == true)
        #expect(daemon.stop() == 0)
        synapse.stop()
    }
}
