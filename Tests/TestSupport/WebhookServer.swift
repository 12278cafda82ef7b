import Foundation
import Synchronization

/// An HTTP server of the test's own, as receivers of notifications are: it notes what it is sent and answers as told.
public final class WebhookServer: Sendable {
    public struct Request: Sendable {
        public let method: String
        public let path: String
        /// By lower-case name.
        public let headers: [String: String]
        public let body: [UInt8]
        /// When it had come in full.
        public let at: ContinuousClock.Instant

        /// The body as JSON; nil when it is none.
        public var json: Any? { try? JSONSerialization.jsonObject(with: Data(body)) }
        public var object: [String: Any] { json as? [String: Any] ?? [:] }
    }

    public enum Reply: Sendable {
        case status(Int, headers: String = "")
        /// Takes the request and never answers.
        case hang
        /// Closes the connection after half of an answer.
        case cut
    }

    private struct State {
        var requests: [Request] = []
        var held: [Int32] = []
        var isStopping = false
    }

    private let listener: Int32
    public let port: Int
    private let state = Mutex(State())
    private let reply: @Sendable (Request, Int) -> Reply

    /// Listens on 127.0.0.1, in the namespace of the calling thread.
    ///
    /// - Parameter reply: what to answer to a request, of which there were so many before.
    public init(reply: @escaping @Sendable (Request, Int) -> Reply = { _, _ in .status(200) }) throws {
        self.reply = reply
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, size) = (listener, length)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard bound == 0, listen(listener, 128) == 0 else {
            throw Command.Failure(description: "no server on 127.0.0.1: errno \(errno)")
        }
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [self] in accept() }.start()
    }

    public var url: String { "http://127.0.0.1:\(port)/hook" }

    /// What has come, in order.
    public var requests: [Request] { state.withLock { $0.requests } }

    /// Ends it; what hangs is let go.
    public func stop() {
        let held = state.withLock { state in
            state.isStopping = true
            defer { state.held = [] }
            return state.held
        }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for descriptor in held { close(descriptor) }
    }

    private func accept() {
        while true {
            let descriptor = Foundation.accept(listener, nil, nil)
            if descriptor < 0 { return }
            Thread { [self] in serve(descriptor) }.start()
        }
    }

    private func serve(_ descriptor: Int32) {
        var bytes: [UInt8] = []
        while let (request, length) = read(descriptor, &bytes) {
            bytes.removeFirst(length)
            let count = state.withLock { state in
                state.requests.append(request)
                return state.requests.count - 1
            }
            switch reply(request, count) {
            case .status(let status, let headers):
                send(descriptor, "HTTP/1.1 \(status) Status\r\n\(headers)Content-Length: 0\r\n\r\n")
            case .hang:
                let isHeld = state.withLock { state in
                    if !state.isStopping { state.held.append(descriptor) }
                    return !state.isStopping
                }
                if !isHeld { close(descriptor) }
                return
            case .cut:
                send(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
                close(descriptor)
                return
            }
        }
        close(descriptor)
    }

    private func send(_ descriptor: Int32, _ text: String) {
        _ = Array(text.utf8).withUnsafeBytes {
            Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// The next request and its length; nil at the end of the connection.
    private func read(_ descriptor: Int32, _ bytes: inout [UInt8]) -> (Request, Int)? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let head = bytes.firstRange(of: end) {
                let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] =
                        parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
                }
                let length = head.upperBound + (Int(headers["content-length"] ?? "") ?? 0)
                if bytes.count >= length {
                    let words = lines[0].split(separator: " ").map(String.init)
                    return (
                        Request(
                            method: words[0], path: words[1], headers: headers,
                            body: Array(bytes[head.upperBound..<length]), at: .now), length
                    )
                }
            }
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}
