internal import NIOCore
internal import NIOHTTP1

/// Asks a daemon over its unix socket, in HTTP/1.1, each request on a connection of its own.
public struct ControlClient: Sendable {
    public struct Limits: Sendable {
        /// For a whole answer; for the head of one that is followed line by line.
        public var time: Duration = .seconds(10)
        /// Bytes of a body. A snapshot has about 2 KB a link.
        public var body = 256 << 20
        /// Bytes of a line.
        public var line = 1 << 20

        public init() {}
    }

    /// What a daemon said.
    public struct Answer: Equatable, Sendable {
        /// 200 and the like. Source: RFC 9110, 15.
        public var status: Int
        public var body: [UInt8]
    }

    public let socket: String
    public let limits: Limits

    /// - Parameter socket: the path of the daemon's socket.
    public init(socket: String, limits: Limits = .init()) {
        self.socket = socket
        self.limits = limits
    }

    /// Asks for a page.
    ///
    /// - Parameters:
    ///   - path: such as `/api/v1/snapshot`, without a query.
    ///   - query: names and values, which are encoded here.
    ///   - accept: the wanted type of the answer, of those that the path has.
    /// - Throws: `ControlError` when no whole answer came. An answer of any status is one.
    public func get(
        _ path: String, query: [(name: String, value: String)] = [], accept: String? = nil
    ) async throws(ControlError) -> Answer {
        try await answer(to: Request(.GET, path, query, accept: accept))
    }

    /// Asks for a change.
    ///
    /// - Throws: `ControlError` when no whole answer came: the change may have been made, or not.
    public func post(
        _ path: String, query: [(name: String, value: String)] = [], body: [UInt8] = [],
        contentType: String = "application/json"
    ) async throws(ControlError) -> Answer {
        try await answer(to: Request(.POST, path, query, body: body, contentType: contentType))
    }

    /// Follows a page that grows, such as events: calls `receive` with each line as it comes, without its end, until the
    /// daemon ends the page. The daemon waits while `receive` is busy.
    ///
    /// - Returns: nil at the end of the page; the answer when its status is not 200.
    /// - Throws: `ControlError`, or what `receive` throws to end it.
    public func follow(
        _ path: String, query: [(name: String, value: String)] = [],
        receive: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Answer? {
        let limits = limits
        return try await Exchange(socket: socket, limit: limits.time).run(Request(.GET, path, query)) { answer in
            guard answer.status == 200 else {
                return Answer(status: answer.status, body: try await answer.body(limit: limits.body))
            }
            try answer.liftTimeLimit()
            var splitter = LineSplitter(longest: limits.line)
            while let piece = try await answer.next() {
                guard let lines = splitter.append(piece.readableBytesView) else {
                    throw answer.error(.tooLarge(limits.line))
                }
                for line in lines { try await receive(line) }
            }
            if let rest = splitter.unfinished { try await receive(rest) }
            return nil
        }
    }

    private func answer(to request: Request) async throws(ControlError) -> Answer {
        let limits = limits
        do {
            return try await Exchange(socket: socket, limit: limits.time).run(request) { answer in
                Answer(status: answer.status, body: try await answer.body(limit: limits.body))
            }
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError(socket: socket, cause: .system("\(error)"))
        }
    }
}
