import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer
@testable import VexportCore

/// A source of frames that answers when the test says so.
final class HeldFrames: FrameSource {
    let pipeline = Pipeline(Exposure(detail: .full))
    private let held = Mutex<[@Sendable (TickFrame?) -> Void]>([])
    private let answersAtOnce: Bool

    init(links: Int, answersAtOnce: Bool) {
        self.answersAtOnce = answersAtOnce
        guard links > 0 else { return }
        pipeline.performAndWait { pipeline in
            let states = (1...links).map { (Int32($0), LinkState(name: "v\($0)", kind: .veth)) }
            _ = pipeline.apply([.dumped(states)], at: Timestamp(nanoseconds: 0))
            var samples = TickSamples()
            for (index, _) in states {
                samples.append(index: index, row: [UInt64](repeating: UInt64(index), count: 25).span.bytes)
            }
            pipeline.ingest(samples, scheduled: true)
            samples.moment.instant += .seconds(1)
            pipeline.ingest(samples, scheduled: true)
        }
    }

    var latest: TickFrame? { pipeline.frames.latest }
    var lastTwo: (earlier: TickFrame, later: TickFrame)? { pipeline.frames.lastTwo }
    var requests: Int { held.withLock { $0.count } }

    func requestFrame(maxAge: Duration, completion: @escaping @Sendable (TickFrame?) -> Void) {
        if answersAtOnce { completion(latest) } else { held.withLock { $0.append(completion) } }
    }

    func answer() {
        for completion in held.withLock({ held in
            defer { held = [] }; return held
        }) { completion(latest) }
    }
}

@Suite(.serialized) struct ServerTests {
    /// Runs `body` against a server with these links.
    func withServer(
        links: Int = 3, answersAtOnce: Bool = true, endpoints: [APIEndpoint] = [], socket: String? = nil,
        _ change: (inout ServerOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (Int, HeldFrames) throws -> Void
    ) async throws {
        var options = ServerOptions(listen: ListenAddress("127.0.0.1:0")!)
        options.drainTimeout = .milliseconds(500)
        change(&options)
        let frames = HeldFrames(links: links, answersAtOnce: answersAtOnce)
        let server = try await MetricsServer.start(
            options: options, frames: frames, sources: [], endpoints: endpoints,
            control: socket.map { try ControlSocket(path: $0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let port = Int(server.address.split(separator: ":").last!)!
        // The tests' own sockets block: not on the threads that Swift's tasks share.
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result { try body(port, frames) }) }
        }
        await server.drain()
        frames.answer()
        await server.close()
        try result.get()
    }

    @Test("the pages that there are, and what is said of others")
    func routes() async throws {
        try await withServer { port, _ in
            let metrics = try Connection.get("/metrics", port: port)
            #expect(metrics.status == 200)
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.text.contains(#"vexport_link_receive_bytes_total{device="v3"} 3"#))
            try #expect(Connection.get("/metrics?x=1", port: port).status == 200)
            try #expect(Connection.get("/-/healthy", port: port).status == 200)
            try #expect(Connection.get("/-/ready", port: port).status == 200)
            let page = try Connection.get("/", port: port)
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("/metrics") && !page.text.contains("v3"))
            try #expect(Connection.get("/nothing", port: port).status == 404)
            let post = try Connection.get("/metrics", port: port, method: "POST")
            #expect(post.status == 405)
            #expect(post.headers["allow"] == "GET, HEAD")
        }
    }

    @Test("a client that prefers OpenMetrics gets it, with its Content-Type and its end")
    func openMetrics() async throws {
        try await withServer { port, _ in
            let connection = try Connection(port: port)
            connection.send(
                "GET /metrics HTTP/1.1\r\nHost: test\r\nAccept: application/openmetrics-text;version=1.0.0\r\n"
                    + "Accept: text/plain;version=0.0.4;q=0.5\r\n\r\n")
            let page = try connection.response()
            #expect(page.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(page.headers["vary"] == "Accept, Accept-Encoding")
            #expect(page.text.hasPrefix("# TYPE vexport_link_receive_bytes counter\n# UNIT vexport_link_receive_bytes"))
            #expect(page.text.hasSuffix("\n# EOF\n"))
        }
    }

    @Test("a client that waits for less than a fresh tick may take gets the last one in time")
    func impatientClient() async throws {
        try await withServer(answersAtOnce: false, { $0.patience = .seconds(600) }) { port, _ in
            let connection = try Connection(port: port)
            connection.send(
                "GET /metrics HTTP/1.1\r\nHost: test\r\nX-Prometheus-Scrape-Timeout-Seconds: 0.1\r\n\r\n")
            try #expect(connection.response().status == 200)
        }
    }

    @Test("HEAD has headers and no body, and the connection goes on")
    func head() async throws {
        try await withServer { port, _ in
            let connection = try Connection(port: port)
            try #expect(connection.request("HEAD /metrics").status == 200)
            try #expect(connection.request("HEAD /").headers["content-length"] != nil)
            try #expect(connection.request("GET /-/healthy").text == "vexport is healthy.\n")
        }
    }

    @Test("HTTP/1.0 gets a body that ends with the connection")
    func oldClient() async throws {
        try await withServer { port, _ in
            let connection = try Connection(port: port)
            connection.send("GET /metrics HTTP/1.0\r\n\r\n")
            let response = try connection.response()
            #expect(response.headers["transfer-encoding"] == nil)
            #expect(response.text.hasSuffix("\n"))
        }
    }

    @Test("not ready before the first tick")
    func notReady() async throws {
        try await withServer(links: 0) { port, _ in
            try #expect(Connection.get("/-/ready", port: port).status == 503)
            try #expect(Connection.get("/metrics", port: port).status == 503)
            try #expect(Connection.get("/-/healthy", port: port).status == 200)
        }
    }

    @Test("a scrape that gets no fresh tick in time serves the last one, and asks only once meanwhile")
    func patience() async throws {
        try await withServer(answersAtOnce: false, { $0.patience = .milliseconds(20) }) { port, frames in
            for _ in 0..<5 { try #expect(Connection.get("/metrics", port: port).status == 200) }
            #expect(frames.requests == 1)
            frames.answer()
            _ = try Connection.get("/metrics", port: port)
            #expect(frames.requests == 1)
        }
    }

    @Test("a large page comes whole to a slow reader, while others are served")
    func slowReader() async throws {
        try await withServer(links: 5_000) { port, _ in
            let slow = try Connection(port: port, receiveBuffer: 4096)
            slow.send("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
            let page = try Connection.get("/metrics", port: port)
            #expect(page.text.split(separator: "\n").count > 100_000)
            try #expect(slow.response().text.split(separator: "\n").count == page.text.split(separator: "\n").count)
        }
    }

    @Test("one connection too many closes the one that has been idle longest")
    func connectionLimit() async throws {
        try await withServer({ $0.connections = 3 }) { port, _ in
            let first = try Connection(port: port)
            _ = try first.request("GET /-/healthy")
            let others = try (0..<3).map { _ in try Connection(port: port) }
            for other in others { try #expect(other.request("GET /-/healthy").status == 200) }
            #expect(first.receive() == [])
        }
    }

    @Test("too many scrapes at once get 503 and may come back")
    func scrapeLimit() async throws {
        try await withServer(
            answersAtOnce: false,
            {
                $0.scrapes = 1; $0.patience = .seconds(5)
            }
        ) { port, frames in
            let first = try Connection(port: port)
            first.send("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
            try wait("the request") { frames.requests > 0 }
            try #expect(Connection.get("/metrics", port: port).status == 503)
            frames.answer()
            try #expect(first.response().status == 200)
        }
    }

    @Test("clients that read nothing keep nobody from scraping")
    func stalledScrapes() async throws {
        try await withServer(
            links: 5_000,
            {
                $0.scrapes = 3; $0.stallTolerance = .milliseconds(100)
            }
        ) { port, _ in
            let stalled = try (0..<3).map { _ in try Connection(port: port, receiveBuffer: 4096) }
            for client in stalled { client.send("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n") }
            try wait("a page for one who reads") { try Connection.get("/metrics", port: port).status == 200 }
            try wait("a page for the next") { try Connection.get("/metrics", port: port).status == 200 }
        }
    }

    @Test(
        "rubbish and giant headers close that connection and no other",
        arguments: [
            "\u{1}\u{2}\u{3}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
            "GET /metrics HTTP/1.1\r\nX: " + String(repeating: "a", count: 1 << 20) + "\r\n\r\n",
            "GET /" + String(repeating: "a", count: 1 << 20) + " HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        ])
    func rubbish(_ text: String) async throws {
        try await withServer { port, _ in
            let hostile = try Connection(port: port)
            hostile.send(text)
            if let answer = hostile.receive(), !answer.isEmpty {
                #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 4"))
            }
            try #expect(Connection.get("/metrics", port: port).status == 200)
        }
    }

    @Test(
        "listen addresses",
        arguments: [
            (":10119", ":10119"), ("127.0.0.1:0", "127.0.0.1:0"), ("[::1]:80", "[::1]:80"),
            ("localhost:9", "localhost:9"),
            ("", nil), ("80", nil), (":", nil), (":65536", nil), ("::1:80", nil), ("[x]:80", nil), (":+80", nil),
            ("a b:1", nil),
        ] as [(String, String?)])
    func addresses(_ text: String, _ expected: String?) {
        #expect(ListenAddress(text)?.description == expected)
    }

    @Test("an address in use is a clear error")
    func addressInUse() async throws {
        try await withServer { port, _ in
            let done = DispatchSemaphore(value: 0)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            Task {
                await #expect(throws: ListenError.self) {
                    _ = try await MetricsServer.start(
                        options: ServerOptions(listen: ListenAddress("127.0.0.1:\(port)")!),
                        frames: HeldFrames(links: 0, answersAtOnce: true), sources: [], logger: logger)
                }
                done.signal()
            }
            done.wait()
        }
    }
}
