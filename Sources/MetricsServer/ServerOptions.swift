/// How the server listens and what it allows.
public struct ServerOptions: Sendable {
    /// Source: `--web.listen-address`.
    public var listen: ListenAddress
    /// The descriptor of a socket that is bound already, in the place of `listen`. The server closes it.
    public var inherited: CInt?
    /// Whether TCP serves the reading part of the API too, and the page at `/` tells of links. Source:
    /// `--web.enable-api`.
    public var enablesAPI = false
    /// A scrape takes a tick this old and asks for a fresh one otherwise. Source: `sampling.max_age`.
    public var maximumAge: Duration = .milliseconds(250)
    /// How long a scrape waits for a fresh tick before it takes the last one.
    public var patience: Duration = .milliseconds(200)
    /// Open connections. One more, and the one that has been idle longest is closed.
    public var connections = 512
    /// Scrapes being answered at once. One more takes the place of one whose client has stopped reading, or gets 503.
    public var scrapes = 32
    /// Calls of the API being answered at once. One more gets 503.
    public var apiCalls = 8
    /// How long a client may take nothing of its page before another may take its place.
    public var stallTolerance: Duration = .seconds(2)
    /// How long a client may take to send a request, counted from the end of the one before, and how long it may leave
    /// an answer unread.
    public var idleTimeout: Duration = .seconds(120)
    /// How long a stop waits for answers under way.
    public var drainTimeout: Duration = .seconds(5)

    public init(listen: ListenAddress) {
        self.listen = listen
    }
}

/// Where to listen: `host:port`, `[ipv6]:port` or `:port` for all addresses.
public struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// nil for all addresses.
    public var host: String?
    /// 0 lets the kernel choose.
    public var port: Int

    /// - Returns: nil when `text` is not of one of the forms.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let portText = text[text.index(after: colon)...]
        guard !portText.isEmpty, portText.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(portText) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(where: { ":[]/ ".contains($0) }) {
            return nil
        }
        self.host = host.isEmpty ? nil : String(host)
        self.port = Int(port)
    }

    public var description: String {
        guard let host else { return ":\(port)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
