internal import NIOCore
internal import NIOHTTP1
import VexportCore

/// An answer while it comes.
struct IncomingAnswer {
    typealias Parts = NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

    private var parts: Parts
    private let socket: String
    private let limit: Duration
    /// nil once there is all the time in the world.
    private var deadline: ContinuousClock.Instant?
    private let timer: Scheduled<Void>
    /// 0 before the head.
    private(set) var status = 0

    init(
        parts: Parts, socket: String, limit: Duration, deadline: ContinuousClock.Instant, timer: Scheduled<Void>
    ) {
        self.parts = parts
        self.socket = socket
        self.limit = limit
        self.deadline = deadline
        self.timer = timer
    }

    /// For an answer that comes bit by bit and may never end.
    ///
    /// - Throws: when the time is over already, and the connection with it.
    mutating func liftTimeLimit() throws(ControlError) {
        timer.cancel()
        if let deadline, ContinuousClock.now >= deadline { throw error(.timeout(limit)) }
        deadline = nil
    }

    mutating func readHead() async throws(ControlError) {
        while true {
            guard case .head(let head) = try await part() else { throw error(.closedEarly) }
            if 100..<200 ~= head.status.code { continue }  // it is still at it
            // Without a length or chunks the end of the body could not be told from a broken connection.
            guard
                head.headers.contains(name: "Content-Length") || head.headers.contains(name: "Transfer-Encoding")
                    || !head.status.mayHaveResponseBody
            else { throw error(.malformed("body without a length")) }
            status = Int(head.status.code)
            return
        }
    }

    /// The next piece of the body; nil at its end.
    mutating func next() async throws(ControlError) -> ByteBuffer? {
        switch try await part() {
        case .body(let buffer): buffer
        case .end: nil
        case .head: throw error(.malformed("a second head"))
        case nil: throw error(.closedEarly)
        }
    }

    /// The whole body.
    mutating func body(limit: Int) async throws(ControlError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() {
            guard bytes.count + piece.readableBytes <= limit else { throw error(.tooLarge(limit)) }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }

    func error(_ cause: ControlError.Cause) -> ControlError { ControlError(socket: socket, cause: cause) }

    private mutating func part() async throws(ControlError) -> HTTPClientResponsePart? {
        var fault: ControlError.Cause?
        do {
            if let part = try await parts.next() { return part }
        } catch HTTPParserError.invalidEOFState {
            fault = .closedEarly
        } catch is IOError {
            fault = .closedEarly
        } catch {
            fault = .malformed(EscapedText("\(error)".utf8))
        }
        // The end of the time is the end of the connection.
        if let deadline, ContinuousClock.now >= deadline { throw self.error(.timeout(limit)) }
        guard let fault else { return nil }
        throw self.error(fault)
    }
}
