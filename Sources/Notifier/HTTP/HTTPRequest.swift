/// What is sent to a receiver. Holds secrets: it is made for one try, never stored, logged or shown.
struct HTTPRequest: Sendable {
    var method = "POST"
    var url: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]
    var options: HTTPOptions
    /// Source: `basic_auth`.
    var credentials: (user: String, password: String)?
}

/// How a receiver is reached.
public struct HTTPOptions: Equatable, Sendable {
    /// From the look-up of the name to the end of the answer.
    public var timeout: Duration = .seconds(10)
    /// nil: what the environment says (`https_proxy` and its like).
    public var proxy: String?
    /// PEM. nil: the system's authorities.
    public var authorityFile: String?
    /// PEM, of the client.
    public var certificateFile: String?
    public var keyFile: String?
    /// Whether a server's certificate may be for another name, and signed by anybody. Source: `insecure_skip_verify`.
    public var skipsVerification = false

    public init() {}
}

/// How a try went.
enum HTTPOutcome: Equatable, Sendable {
    /// - Parameter retryAfter: the header, in the two forms that it has, from the answer's time on.
    case answered(status: Int, retryAfter: Duration?, body: String)
    /// - Parameter reason: libcurl's words, which name no secret.
    case failed(reason: String)
}
