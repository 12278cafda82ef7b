import Foundation
import Synchronization

/// A daemon that says what the test wants it to: bytes on a unix socket of its own.
public final class FakeDaemon: Sendable {
    /// One connection, after its request.
    public struct Conversation: Sendable {
        let descriptor: Int32
        /// Head and body.
        public let request: String

        /// False once the client is gone.
        @discardableResult
        public func send(_ bytes: [UInt8]) -> Bool {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }

        @discardableResult
        public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

        /// Sends a whole answer.
        public func answer(_ body: String, status: String = "200 OK") {
            send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        /// Whether the client closes the connection within that time, or says something more.
        public func ends(withinMilliseconds limit: Int32) -> Bool {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&polled, 1, limit) != 0
        }

        /// Returns when the client has closed the connection.
        public func waitForEnd() {
            var byte: UInt8 = 0
            while recv(descriptor, &byte, 1, 0) > 0 {}
        }
    }

    public let path: String
    private let listener: Int32
    private let directory: URL
    private let seen = Mutex<[String]>([])

    /// The requests so far.
    public var requests: [String] { seen.withLock { $0 } }

    /// - Parameter talk: called for each connection, on a thread of its own; the connection ends when it returns.
    public init(_ talk: @escaping @Sendable (Conversation) -> Void) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("vxd-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        path = directory.appendingPathComponent("vexport.sock").path
        listener = try Self.listen(path)
        Thread { [weak self, listener] in
            while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
                guard let self else { break }
                Thread {
                    defer { close(descriptor) }
                    let request = Self.request(descriptor)
                    self.seen.withLock { $0.append(request) }
                    talk(Conversation(descriptor: descriptor, request: request))
                }.start()
            }
            close(listener)
        }.start()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Listens no more. Its socket stays, as that of a daemon that crashed.
    public func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// How many connections may wait.
    public static let backlog: Int32 = 16

    /// A socket at `path`.
    public static func listen(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0, Foundation.listen(descriptor, backlog) == 0 else {
            throw Command.Failure(description: "listen on \(path): errno \(errno)")
        }
        return descriptor
    }

    private static func request(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let length = text.range(of: "Content-Length: ").flatMap {
                    Int(text[$0.upperBound...].prefix { $0.isNumber })
                }
                if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return text }
            bytes += buffer[..<count]
        }
    }
}
