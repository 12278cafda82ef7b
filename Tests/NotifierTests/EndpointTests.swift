import Foundation
import Logging
import Synchronization
import TestSupport
import Testing
import VexportCore

@testable import Notifier

/// How receivers are reached, and what opens them: each option with a real request.
@Suite(.serialized) final class EndpointTests: Sendable {
    private static let secret = "swordfish"

    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vx-endpoint-\(UUID())").path
    private var secretFile: String { directory + "/secret" }
    private let log = LogLines()

    init() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data("\(Self.secret)\n".utf8).write(to: URL(fileURLWithPath: secretFile))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Sends a test message.
    ///
    /// - Returns: why it failed; nil when it was delivered.
    private func send(to url: String, _ configure: (inout Endpoint) -> Void = { _ in }) async throws -> String? {
        var channel = Channel(.webhook)
        channel.endpoint.url = url
        configure(&channel.endpoint)
        let notifier = Notifier(
            settings: AlertSettings(
                root: AlertRoute(receiver: "ops"), receivers: ["ops": [channel]], directory: directory),
            logger: Logger(label: "test") { _ in log })
        defer { notifier.stop() }
        let results = try #require(await notifier.test("ops"))
        #expect(!log.contains(Self.secret))
        // A test that fails is no loss: nobody is alerted of it.
        let delivery = try #require(await notifier.report().deliveries.first)
        #expect(delivery.failedTries == 0 && delivery.dropped == 0 && delivery.lastError == nil)
        return results[0].failure
    }

    @Test("headers are sent, a user with a password, and a signature that the key makes of the body")
    func headers() async throws {
        let server = try WebhookServer()
        defer { server.stop() }
        let failure = try await send(to: server.url) { endpoint in
            endpoint.headers = ["X-Team": "network", "X-Site": "lab"]
            (endpoint.user, endpoint.passwordFile) = ("ops", secretFile)
            endpoint.signatureKeyFile = secretFile
        }
        #expect(failure == nil)
        let request = server.requests[0]
        #expect(request.headers["x-team"] == "network" && request.headers["x-site"] == "lab")
        #expect(request.headers["authorization"] == "Basic \(Data("ops:swordfish".utf8).base64EncodedString())")
        let body = directory + "/body"
        try Data(request.body).write(to: URL(fileURLWithPath: body))
        let digest = try Command.run("openssl", "dgst", "-sha256", "-hmac", Self.secret, "-r", body).prefix(64)
        #expect(request.headers["x-vexport-signature"] == "sha256=\(digest)")
    }

    @Test("a bearer's token is read anew for each try")
    func bearer() async throws {
        let server = try WebhookServer()
        defer { server.stop() }
        try #expect(await send(to: server.url) { $0.bearerTokenFile = secretFile } == nil)
        let other = directory + "/other"
        try Data("new".utf8).write(to: URL(fileURLWithPath: other))
        #expect(rename(other, secretFile) == 0)
        try #expect(await send(to: server.url) { $0.bearerTokenFile = secretFile } == nil)
        #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer swordfish", "Bearer new"])
    }

    @Test("a secret whose file is gone fails the try and names the file")
    func missing() async throws {
        let server = try WebhookServer()
        defer { server.stop() }
        let failure = try await send(to: server.url) { $0.bearerTokenFile = directory + "/nothing" }
        #expect(failure == "\(directory)/nothing: No such file or directory" && server.requests.isEmpty)
    }

    @Test("a proxy is asked for the receiver")
    func proxy() async throws {
        let proxy = try WebhookServer()
        defer { proxy.stop() }
        let failure = try await send(to: "http://receiver.example/hook") {
            $0.http.proxy = "http://127.0.0.1:\(proxy.port)"
        }
        #expect(failure == nil)
        #expect(proxy.requests.map(\.path) == ["http://receiver.example/hook"])
        #expect(proxy.requests[0].headers["host"] == "receiver.example")
    }

    /// A server with a certificate for localhost that asks its clients for theirs.
    private func secureServer(_ certificate: String, _ key: String) throws -> (process: Background, port: String) {
        let server = try Background([
            "python3", "-u", "-c",
            """
            import http.server, ssl, sys
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    self.rfile.read(int(self.headers["Content-Length"]))
                    known = self.connection.getpeercert() is not None
                    self.send_response(200 if known else 403)
                    self.send_header("Content-Length", "0"); self.end_headers()
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain(sys.argv[1], sys.argv[2])
            context.verify_mode = ssl.CERT_OPTIONAL; context.load_verify_locations(sys.argv[1])
            server.socket = context.wrap_socket(server.socket, server_side=True)
            print("PORT", server.server_address[1]); server.serve_forever()
            """, certificate, key,
        ])
        return (server, String(try server.waitForLine("PORT").split(separator: " ")[1]))
    }

    @Test("a certificate that nobody vouches for is not taken, unless by its own authority; the client shows its own")
    func certificates() async throws {
        let (certificate, key) = (directory + "/c.pem", directory + "/k.pem")
        try Command.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", certificate, "-keyout", key)
        let (server, port) = try secureServer(certificate, key)
        defer { server.kill() }
        let url = "https://localhost:\(port)/"
        try #expect(await send(to: url)?.contains("certificate") == true)
        try #expect(await send(to: url) { $0.http.authorityFile = certificate } == "status 403")
        try #expect(
            await send(to: "https://127.0.0.1:\(port)/") { $0.http.authorityFile = certificate }?
                .contains("certificate") == true, "it is for another name")
        try #expect(await send(to: url) { $0.http.skipsVerification = true } == "status 403")
        let failure = try await send(to: url) { endpoint in
            endpoint.http.authorityFile = certificate
            (endpoint.http.certificateFile, endpoint.http.keyFile) = (certificate, key)
        }
        #expect(failure == nil)
    }
}
