import Foundation
import TestSupport
import Testing

@testable import MetricsServer

extension ServerTests {
    private static func temporaryPath() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("vx\(UUID().uuidString.prefix(8)).sock").path
    }

    private static let endpoints = [
        APIEndpoint("/api/v1/echo") { .json($0.query.map { "\($0.name)=\($0.value)" }) },
        APIEndpoint("/-/change", access: .change) {
            .text("\($0.body.count) bytes", status: $0.body.isEmpty ? 400 : 200)
        },
    ]

    @Test("TCP has no API unless it is enabled, and never what changes state; the unix socket has all")
    func origins() async throws {
        let path = Self.temporaryPath()
        try await withServer(endpoints: Self.endpoints, socket: path) { port, _ in
            let closed = try Connection.get("/api/v1/echo", port: port)
            #expect(closed.status == 404 && closed.text.contains("--web.enable-api"))
            let change = try Connection.get("/-/change", port: port, method: "POST")
            #expect(change.status == 404 && change.text.contains("unix socket"))

            let control = try Connection(socket: path)
            try #expect(control.request("GET /metrics").status == 200)
            try #expect(control.request("GET /").text.contains("<td>v3</td>"))
            let echo = try control.request("GET /api/v1/echo?device=a%20b&x=1+2&y")
            #expect(echo.headers["content-type"] == "application/json")
            #expect(echo.text == #"{"data":["device=a b","x=1 2","y="],"status":"success"}"#)
            try #expect(control.request("HEAD /api/v1/echo").headers["content-length"] == "30")
            let post = try control.request("POST /-/change", headers: "Content-Length: 3\r\n", body: "abc")
            #expect(post.status == 200 && post.text == "3 bytes\n")
            try #expect(control.request("POST /-/change", headers: "Content-Length: 0\r\n").status == 400)
            try #expect(control.request("GET /-/change").headers["allow"] == "POST")
            try #expect(control.request("POST /api/v1/echo").headers["allow"] == "GET, HEAD")
        }
        try await withServer(endpoints: Self.endpoints, { $0.enablesAPI = true }) { port, _ in
            try #expect(Connection.get("/api/v1/echo", port: port).status == 200)
            try #expect(Connection.get("/", port: port).text.contains("<td>v3</td>"))
            try #expect(Connection.get("/-/change", port: port, method: "POST").status == 404)
        }
    }

    @Test(
        "a query that is not percent-encoded UTF-8 is refused", arguments: ["a=%", "a=%f", "a=%zz", "a=%ff", "%80=1"])
    func brokenQuery(query: String) async throws {
        try await withServer(endpoints: Self.endpoints, { $0.enablesAPI = true }) { port, _ in
            try #expect(Connection.get("/api/v1/echo?\(query)", port: port).status == 400)
        }
    }

    @Test("a body over the limit gets 413, and is not kept")
    func longBody() async throws {
        let path = Self.temporaryPath()
        try await withServer(endpoints: Self.endpoints, socket: path) { _, _ in
            let limit = APIRequest.longestBody
            for (length, status) in [(limit, 200), (limit + 1, 413), (20 * limit, 413)] {
                let answer = try Connection(socket: path).request(
                    "POST /-/change", headers: "Content-Length: \(length)\r\n",
                    body: String(repeating: "x", count: length))
                #expect(answer.status == status, "\(length) bytes")
            }
        }
    }

    @Test("more calls of the API at once than allowed get 503, and scrapes go on")
    func manyCalls() async throws {
        let (stream, gate) = AsyncStream<Void>.makeStream()
        let slow = APIEndpoint("/api/v1/slow") { _ in
            for await _ in stream {}
            return .text("done")
        }
        try await withServer(
            endpoints: [slow],
            {
                $0.enablesAPI = true
                $0.apiCalls = 1
            }
        ) { port, _ in
            // One connection after the other: the server has seen the first before it takes the second.
            let first = try Connection(port: port)
            first.send("GET /api/v1/slow HTTP/1.1\r\nHost: test\r\n\r\n")
            try #expect(Connection.get("/metrics", port: port).status == 200)
            let refused = try Connection.get("/api/v1/slow", port: port)
            #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
            gate.finish()
            try #expect(first.response().text == "done\n")
            try #expect(first.request("GET /api/v1/slow").status == 200)
        }
    }

    @Test("a socket is for the owner and the group, one daemon has it, and what a dead one left is taken over")
    func controlSocket() throws {
        let path = Self.temporaryPath()
        defer { for file in [path, path + ".lock"] { unlink(file) } }
        let first = try ControlSocket(path: path)
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o7777 == 0o660)
        let second = #expect(throws: ControlSocketError.self) { try ControlSocket(path: path) }
        #expect(second?.isTaken == true)
        #expect(second.map { "\($0)" }?.contains("another vexport") == true)
        first.remove()
        close(first.descriptor)
        #expect(access(path, F_OK) != 0)
        // As after kill -9: the file is there, the lock is not.
        #expect(close(open(path, O_CREAT | O_WRONLY, 0o600)) == 0)
        let heir = try ControlSocket(path: path)
        close(heir.descriptor)
        heir.remove()
    }

    @Test(
        "a socket that can't be says why",
        arguments: [
            ("", "1 to 107 bytes"), (String(repeating: "x", count: 108), "1 to 107 bytes"),
            ("/proc/nowhere/sock", "No such file"), ("/dev/null/sock", "Not a directory"),
        ])
    func badSocket(path: String, reason: String) {
        let error = #expect(throws: ControlSocketError.self) { try ControlSocket(path: path) }
        #expect(error.map { "\($0)" }?.contains(reason) == true)
    }
}
