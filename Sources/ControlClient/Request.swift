internal import NIOHTTP1

/// What is asked of a daemon.
struct Request {
    let head: HTTPRequestHead
    let body: [UInt8]

    init(
        _ method: HTTPMethod, _ path: String, _ query: [(name: String, value: String)], accept: String? = nil,
        body: [UInt8] = [], contentType: String? = nil
    ) {
        let pairs = query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        var head = HTTPRequestHead(
            version: .http1_1, method: method, uri: pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))")
        // The protocol wants a host; a socket has none.
        head.headers.add(name: "Host", value: "localhost")
        head.headers.add(name: "Connection", value: "close")
        if let accept { head.headers.add(name: "Accept", value: accept) }
        if method == .POST { head.headers.add(name: "Content-Length", value: "\(body.count)") }
        if let contentType { head.headers.add(name: "Content-Type", value: contentType) }
        self.head = head
        self.body = body
    }

    /// All but unreserved characters as `%HH`. Source: RFC 3986, 2.1.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
