import Foundation
import TestSupport
import Testing

/// Clients that mean no good, against the program itself: it serves others meanwhile, and what it needs is bounded.
@Suite(.serialized) final class PressureTests {
    private let namespace: Namespace
    private let daemon: Background
    private let before: ProcessResources

    private static let request = "GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n"

    init() throws {
        namespace = try Namespace()
        // A page of several megabytes, which no socket's buffer takes whole.
        try namespace.ipBatch((0..<1000).map { "link add near\($0) type veth peer name far\($0)" })
        daemon = try DaemonTests.serve(namespace, "--links.detail", "full")
        _ = try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
        before = try ProcessResources(pid: daemon.pid)
    }

    /// Runs `body` inside, then compares what the program used with what it used before.
    private func press(_ body: @escaping @Sendable (Int) throws -> Void) throws {
        try namespace.inside { try body(10119) }
        try wait("its connections to be closed") {
            try ProcessResources(pid: daemon.pid).descriptors <= before.descriptors
        }
        let after = try ProcessResources(pid: daemon.pid)
        print("pressure: resident \(before.peakKilobytes) kB at most before, \(after.peakKilobytes) kB after")
        #expect(after.peakKilobytes < before.peakKilobytes + 64 << 10)
        #expect(daemon.isRunning)
    }

    private static func expectServed(_ path: String, port: Int) throws {
        let status = try Connection.get(path, port: port).status
        guard status == 200 else { throw Command.Failure(description: "\(path) gave \(status)") }
    }

    @Test("two thousand idle connections keep nobody out")
    func idle() throws {
        try press { port in
            var idle: [Connection] = []
            for number in 1...2_000 {
                idle.append(try Connection(port: port))
                if number % 500 == 0 {
                    try Self.expectServed("/-/healthy", port: port)
                    try Self.expectServed("/metrics", port: port)
                }
            }
            withExtendedLifetime(idle) {}
        }
    }

    @Test("requests that come byte by byte are answered, and others meanwhile")
    func slowRequests() throws {
        try press { port in
            let slow = try (0..<200).map { _ in try Connection(port: port) }
            for byte in "GET /-/healthy HTTP/1.1\r\nHost: test\r\n\r\n".map(String.init) {
                for client in slow { client.send(byte) }
                try Self.expectServed("/-/ready", port: port)
            }
            for client in slow {
                guard try client.response().status == 200 else {
                    throw Command.Failure(description: "a slow request was refused")
                }
            }
        }
    }

    @Test("pages that nobody reads, and requests by the megabyte whose answers nobody reads, fill no memory")
    func unread() throws {
        try press { port in
            let silent = try (0..<100).map { _ in try Connection(port: port, receiveBuffer: 4096) }
            for client in silent { client.send(Self.request) }
            let greedy = try Connection(port: port, receiveBuffer: 4096, sendTimeout: 1)
            greedy.send(String(repeating: "GET / HTTP/1.1\r\nHost: test\r\n\r\n", count: 1_000_000))
            try Self.expectServed("/-/healthy", port: port)
            try wait("a page for one who reads", seconds: 20) {
                try Connection.get("/metrics", port: port).status == 200
            }
            withExtendedLifetime(silent) {}
        }
    }

    @Test("headers of a megabyte are refused, however many")
    func giantHeaders() throws {
        try press { port in
            for _ in 0..<50 {
                let giant = try Connection(port: port)
                giant.send("GET /metrics HTTP/1.1\r\nX: " + String(repeating: "a", count: 1 << 20) + "\r\n\r\n")
                if let answer = giant.receive(), answer.starts(with: Array("HTTP/1.1 200".utf8)) {
                    throw Command.Failure(description: "headers of a megabyte were taken")
                }
            }
            try Self.expectServed("/metrics", port: port)
        }
    }

    @Test("two hundred scrapes at once get a page or are told to come back")
    func manyScrapes() throws {
        try press { port in
            let clients = try (0..<200).map { _ in try Connection(port: port) }
            for client in clients { client.send(Self.request) }
            let statuses = try clients.map { try $0.response().status }
            let pages = statuses.count { $0 == 200 }
            guard pages >= 32, pages + statuses.count(where: { $0 == 503 }) == 200 else {
                throw Command.Failure(description: "\(pages) pages, and answers \(Set(statuses))")
            }
            try Self.expectServed("/metrics", port: port)
        }
    }
}
