import CTestSupport
import Foundation

/// An answer, as bytes on the wire say it.
public struct Response {
    public var status = 0
    public var headers: [String: String] = [:]
    public var body: [UInt8] = []

    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// A connection to a server under test, with no library in between.
public final class Connection {
    private let descriptor: Int32
    private var unread: [UInt8] = []

    /// - Parameters:
    ///   - receiveBuffer: room for what the server sends, in bytes.
    ///   - sendTimeout: how long `send` waits for the server to read, in seconds; then it gives up.
    public init(port: Int, receiveBuffer: Int32? = nil, sendTimeout: Int = 0) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var patience = timeval(tv_sec: sendTimeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw Command.Failure(description: "connect to port \(port): errno \(code)")
        }
    }

    /// - Parameter socket: the path of a unix socket.
    public init(socket path: String) throws {
        descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw Command.Failure(description: "connect to \(path): errno \(code)")
        }
    }

    deinit {
        close(descriptor)
    }

    public func send(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Reads once. Empty at the end of the connection, nil after 20 s without anything.
    public func receive(_ limit: Int = 64 << 10) -> [UInt8]? {
        if !unread.isEmpty {
            defer { unread = [] }
            return unread
        }
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { return errno == ECONNRESET ? [] : nil }
        return Array(buffer[..<count])
    }

    /// Sends a request and reads its answer.
    public func request(_ line: String, headers: String = "", body: String = "") throws -> Response {
        send("\(line) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n\(body)")
        return try response(hasBody: !line.hasPrefix("HEAD"))
    }

    /// Reads one answer.
    public func response(hasBody: Bool = true) throws -> Response {
        var bytes: [UInt8] = []
        func more() throws {
            guard let next = receive() else { throw Command.Failure(description: "no answer in time") }
            guard !next.isEmpty else { throw Command.Failure(description: "closed after \(bytes.count) bytes") }
            bytes += next
        }
        func find(_ pattern: String, from: Int) -> Int? {
            let pattern = Array(pattern.utf8)
            guard bytes.count >= from + pattern.count else { return nil }
            return (from...(bytes.count - pattern.count)).first {
                bytes[$0..<($0 + pattern.count)].elementsEqual(pattern)
            }
        }
        while find("\r\n\r\n", from: 0) == nil { try more() }
        let end = find("\r\n\r\n", from: 0)!
        var response = Response()
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        response.status = Int(lines[0].split(separator: " ")[1]) ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        var offset = end + 4
        guard hasBody else {
            unread = Array(bytes[offset...])
            return response
        }
        if response.headers["transfer-encoding"] == "chunked" {
            while true {
                while find("\r\n", from: offset) == nil { try more() }
                let lineEnd = find("\r\n", from: offset)!
                guard let size = Int(String(decoding: bytes[offset..<lineEnd], as: UTF8.self), radix: 16) else {
                    throw Command.Failure(description: "bad chunk size")
                }
                while bytes.count < lineEnd + 2 + size + 2 { try more() }
                response.body += bytes[(lineEnd + 2)..<(lineEnd + 2 + size)]
                offset = lineEnd + 2 + size + 2
                if size == 0 { break }
                bytes.removeFirst(offset)
                offset = 0
            }
        } else if let length = response.headers["content-length"].flatMap({ Int($0) }) {
            while bytes.count < offset + length { try more() }
            response.body = Array(bytes[offset..<(offset + length)])
            offset += length
        } else {
            while let next = receive(), !next.isEmpty { bytes += next }
            response.body = Array(bytes[offset...])
            offset = bytes.count
        }
        unread = Array(bytes[offset...])
        return response
    }

    /// One request on a connection of its own.
    public static func get(_ path: String, port: Int, method: String = "GET") throws -> Response {
        try Connection(port: port).request("\(method) \(path)")
    }
}
