import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ControlClient

/// A socket on which nobody takes connections.
final class DeafSocket {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("vxc-\(UUID().uuidString.prefix(8))").path
    private let descriptor: Int32

    init() throws {
        descriptor = try FakeDaemon.listen(path)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }
}

/// Runs tasks on a thread of its own: other tests hold up those that Swift's tasks share, longer than a time limit.
final class OwnThread: TaskExecutor {
    private let queue = DispatchQueue(label: "test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

@Suite struct ControlClientTests {
    /// - Parameter seconds: its patience, long since other tests may hold up the threads that its tasks share with them.
    func client(_ path: String, seconds: Double = 60) -> ControlClient {
        var limits = ControlClient.Limits()
        limits.time = .seconds(seconds)
        limits.body = 1 << 20
        limits.line = 100
        return ControlClient(socket: path, limits: limits)
    }

    func cause(_ client: ControlClient) async -> ControlError.Cause? {
        do throws(ControlError) {
            _ = try await client.get("/api/v1/snapshot")
            return nil
        } catch {
            #expect(error.description.hasPrefix("\(client.socket): "))
            return error.cause
        }
    }

    @Test("a page comes whole, with its status, and the request is as a server wants it")
    func get() async throws {
        let daemon = try FakeDaemon { $0.answer("nothing here", status: "404 Not Found") }
        let answer = try await client(daemon.path).get(
            "/api/v1/links", query: [("name", "tap 1&é"), ("kind", "tap")], accept: "text/plain")
        #expect(answer.status == 404)
        #expect(answer.body == Array("nothing here".utf8))
        #expect(
            daemon.requests == [
                "GET /api/v1/links?name=tap%201%26%C3%A9&kind=tap HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Accept: text/plain\r\n\r\n"
            ])
    }

    @Test("a change goes with its body")
    func post() async throws {
        let daemon = try FakeDaemon { $0.answer(String($0.request.suffix(7))) }
        let answer = try await client(daemon.path).post("/api/v1/silences", body: Array(#"{"a":1}"#.utf8))
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"a":1}"#)
        #expect(daemon.requests[0].contains("Content-Length: 7\r\nContent-Type: application/json\r\n"))
    }

    @Test("a large body in chunks comes whole")
    func chunks() async throws {
        let piece = String(repeating: "0123456789", count: 1000)
        let daemon = try FakeDaemon { conversation in
            conversation.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<100 { conversation.send("2710\r\n\(piece)\r\n") }
            conversation.send("0\r\n\r\n")
        }
        let answer = try await client(daemon.path).get("/")
        #expect(answer.body.count == 1_000_000)
        #expect(answer.body.suffix(3) == Array("789".utf8))
    }

    @Test("a daemon that is still at it may say so first")
    func interim() async throws {
        let daemon = try FakeDaemon {
            $0.send("HTTP/1.1 103 Early Hints\r\n\r\n")
            $0.answer("done")
        }
        let answer = try await client(daemon.path).get("/")
        #expect(answer == .init(status: 200, body: Array("done".utf8)))
    }

    // MARK: - No daemon

    @Test("no socket, one that a crashed daemon left, a file, a directory and a path that is too long are told apart")
    func unreachable() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "vxc-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
        #expect(await cause(client(path("none"))) == .noSocket)
        #expect(await cause(client(path("none/none"))) == .noSocket)
        close(try FakeDaemon.listen(path("left")))
        #expect(await cause(client(path("left"))) == .refused)
        try Data().write(to: directory.appendingPathComponent("file"))
        #expect(await cause(client(path("file"))) == .notASocket)
        #expect(await cause(client(directory.path)) == .notASocket)
        #expect(await cause(client(path(String(repeating: "x", count: 120)))) == .pathTooLong)
    }

    @Test("a daemon that takes no connections is told from one that is not there")
    func busy() async throws {
        let deaf = try DeafSocket()
        // The kernel lets one more wait than it was told.
        let waiting = try (0...FakeDaemon.backlog).map { _ in try Connection(socket: deaf.path) }
        #expect(await cause(client(deaf.path)) == .busy)
        #expect(waiting.count == 17)
    }

    // MARK: - Bad daemons

    @Test(
        "answers that are none, or not whole, are errors",
        arguments: [
            ("", .closedEarly), ("HTTP/1.1 200 OK\r\nContent-Le", .closedEarly),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .closedEarly),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .closedEarly),
            ("HTTP/1.1 200 OK\r\n\r\nno length", .malformed("body without a length")),
        ] as [(String, ControlError.Cause)])
    func broken(_ bytes: String, _ expected: ControlError.Cause) async throws {
        let daemon = try FakeDaemon { $0.send(bytes) }
        #expect(await cause(client(daemon.path)) == expected)
    }

    @Test(
        "rubbish is not an answer of vexport",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        ])
    func rubbish(_ bytes: String) async throws {
        let daemon = try FakeDaemon {
            $0.send(bytes)
            $0.waitForEnd()
        }
        guard case .malformed = await cause(client(daemon.path)) else {
            Issue.record("\(bytes.prefix(60)) is taken")
            return
        }
    }

    @Test("a header without end is not read to the end")
    func hugeHeader() async throws {
        let daemon = try FakeDaemon { conversation in
            conversation.send("HTTP/1.1 200 OK\r\nX: ")
            while conversation.send([UInt8](repeating: UInt8(ascii: "a"), count: 0x10000)) {}
        }
        guard case .malformed = await cause(client(daemon.path)) else {
            Issue.record("a header without end is taken")
            return
        }
    }

    @Test("a body larger than allowed ends the connection")
    func tooLarge() async throws {
        let daemon = try FakeDaemon { conversation in
            conversation.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
            while conversation.send(chunk) {}
        }
        #expect(await cause(client(daemon.path)) == .tooLarge(1 << 20))
    }

    @Test(
        "a daemon that hangs is given up after the time limit, whatever it has said before",
        arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
    func hangs(_ bytes: String) async throws {
        let daemon = try FakeDaemon {
            $0.send(bytes)
            $0.waitForEnd()
        }
        #expect(await cause(client(daemon.path, seconds: 0.2)) == .timeout(.seconds(0.2)))
    }

    @Test("one that sends a byte now and then gets no longer")
    func drips() async throws {
        let daemon = try FakeDaemon { conversation in
            conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while !conversation.ends(withinMilliseconds: 10) { conversation.send("x") }
        }
        #expect(await cause(client(daemon.path, seconds: 0.3)) == .timeout(.seconds(0.3)))
    }

    @Test("a body that nobody reads does not hold a change for ever")
    func unreadBody() async throws {
        let deaf = try DeafSocket()
        await #expect(throws: ControlError(socket: deaf.path, cause: .timeout(.seconds(0.2)))) {
            _ = try await client(deaf.path, seconds: 0.2).post("/", body: [UInt8](repeating: 0, count: 8 << 20))
        }
    }

    // MARK: - Lines

    @Test("lines come as the daemon sends them, however they are cut, beyond the time limit")
    func follow() async throws {
        let received = Mutex<[String]>([])
        let daemon = try FakeDaemon { conversation in
            conversation.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\none\ntw\r\n")
            let start = ContinuousClock.now
            try? wait("the first line") { received.withLock { $0 } == ["one"] }
            try? wait("the time limit to pass") { ContinuousClock.now - start > .milliseconds(600) }
            conversation.send("8\r\no\n\nthree\r\n0\r\n\r\n")
        }
        let refusal = try await withTaskExecutorPreference(OwnThread()) {
            try await client(daemon.path, seconds: 0.5).follow("/api/v1/events") { line in
                received.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
        #expect(refusal == nil)
        #expect(received.withLock { $0 } == ["one", "two", "", "three"])
    }

    @Test("a receiver that has enough ends the stream, a refusal is an answer, a line without end is refused")
    func followEnds() async throws {
        struct Enough: Error {}
        let endless = try FakeDaemon { conversation in
            conversation.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while conversation.send("2\r\nx\n\r\n") {}
        }
        await #expect(throws: Enough.self) {
            _ = try await client(endless.path).follow("/") { _ in throw Enough() }
        }
        let refusing = try FakeDaemon { $0.answer("no", status: "403 Forbidden") }
        let refusal = try await client(refusing.path).follow("/") { _ in Issue.record("a line") }
        #expect(refusal == .init(status: 403, body: Array("no".utf8)))
        let flooding = try FakeDaemon { conversation in
            conversation.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while conversation.send("a\r\nxxxxxxxxxx\r\n") {}
        }
        await #expect(throws: ControlError(socket: flooding.path, cause: .tooLarge(100))) {
            _ = try await client(flooding.path).follow("/") { _ in }
        }
    }

    @Test("an answer of any size is cut into the same lines, however it comes")
    func splitting() {
        let seed: UInt64 = 20_261_125
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<5_000).map { _ in
            Bool.random(using: &random) ? UInt8(ascii: "\n") : UInt8.random(in: 0...255, using: &random)
        }
        var splitter = LineSplitter(longest: 5_000)
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...50, using: &random))
            lines += splitter.append(piece)!
            rest = rest.dropFirst(piece.count)
        }
        lines.append(splitter.unfinished ?? [])
        #expect(
            lines == bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init),
            "seed \(seed)")
    }
}
