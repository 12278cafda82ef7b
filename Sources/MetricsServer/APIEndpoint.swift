internal import FoundationEssentials

/// One address of the API, as the wiring lists them: what is answered there, and who may ask.
public struct APIEndpoint: Sendable {
    public enum Access: Sendable {
        /// GET and HEAD, on the unix socket and, with `--web.enable-api`, on TCP.
        case read
        /// POST, on the unix socket only.
        case change
    }

    /// `/api/v1/…` or `/-/…`, matched as a whole.
    public let path: String
    public let access: Access
    let answer: @Sendable (APIRequest) async -> APIResponse

    /// - Parameter answer: runs beside the server's thread, a few at once at most; whatever it throws away is lost.
    public init(
        _ path: String, access: Access = .read, answer: @escaping @Sendable (APIRequest) async -> APIResponse
    ) {
        self.path = path
        self.access = access
        self.answer = answer
    }
}

/// What a client asked of an endpoint.
public struct APIRequest: Sendable {
    /// Longest body that is taken, bytes. More gets 413.
    public static let longestBody = 64 << 10

    /// The decoded parameters of the address, in order; a name may come more than once.
    public let query: [(name: String, value: String)]
    /// Empty for GET.
    public let body: [UInt8]

    /// - Parameter uri: the request's target.
    /// - Returns: nil when the target's query is not properly percent-encoded UTF-8.
    init?(uri: String, body: [UInt8]) {
        self.body = body
        guard let mark = uri.firstIndex(of: "?") else {
            query = []
            return
        }
        var query: [(name: String, value: String)] = []
        for pair in uri[uri.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map(Self.decoded)
            guard let name = texts[0], let value = texts.count > 1 ? texts[1] : "" else { return nil }
            query.append((name, value))
        }
        self.query = query
    }

    /// The last value of a parameter; nil when it was not given.
    public subscript(name: String) -> String? { query.last { $0.name == name }?.value }

    /// Undoes percent-encoding, strictly: FoundationEssentials' URLComponents takes `%zz` for itself and `%ff` for nothing.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                    let value = UInt8(Substring(digits), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// What an endpoint answers.
public struct APIResponse: Sendable {
    /// HTTP status.
    public var status: Int
    public var contentType: String
    public var body: [UInt8]

    public init(status: Int = 200, contentType: String = "application/json", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// A line of plain text.
    public static func text(_ text: String, status: Int = 200) -> APIResponse {
        APIResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array((text + "\n").utf8))
    }

    /// `value` in the envelope that Prometheus' API has: `{"status":"success","data":…}`.
    public static func json(_ value: some Encodable & Sendable) -> APIResponse {
        APIResponse(body: encode(Envelope(data: value)))
    }

    /// `{"status":"error","errorType":"bad_data","error":…}`, for what the client got wrong.
    public static func badData(_ error: String) -> APIResponse {
        APIResponse(status: 400, body: encode(["status": "error", "errorType": "bad_data", "error": error]))
    }

    private static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Fails only for values that JSON has no form for, which is a mistake in the program.
        guard let data = try? encoder.encode(value) else { preconditionFailure("\(type(of: value)) is not for JSON") }
        return Array(data)
    }
}

private struct Envelope<Value: Encodable>: Encodable {
    var status = "success"
    let data: Value
}
