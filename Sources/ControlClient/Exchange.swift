import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
import VexportCore

/// One request and its answer, on a connection that it opens and closes.
struct Exchange {
    let socket: String
    /// From the connection to the last byte.
    let limit: Duration

    /// One thread for all: a command asks one thing at a time.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Sends `request` and hands the answer, whose head has come, to `body`.
    ///
    /// - Throws: `ControlError`, or what `body` throws.
    func run<Result: Sendable>(
        _ request: Request, _ body: (inout IncomingAnswer) async throws -> Result
    ) async throws -> Result {
        let deadline = ContinuousClock.now + limit
        let connection = try await connect()
        let channel = connection.channel
        return try await connection.executeThenClose { inbound, outbound in
            let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
            defer { timer.cancel() }
            // A daemon may answer and close before it has read all. What went wrong shows when the answer is read.
            try? await outbound.write(.head(request.head))
            if !request.body.isEmpty {
                try? await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: request.body))))
            }
            try? await outbound.write(.end(nil))
            var answer = IncomingAnswer(
                parts: inbound.makeAsyncIterator(), socket: socket, limit: limit, deadline: deadline, timer: timer)
            try await answer.readHead()
            return try await body(&answer)
        }
    }

    private func connect() async throws(ControlError) -> NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    {
        do {
            return try await ClientBootstrap(group: Self.group)
                .connectTimeout(TimeAmount(limit))
                .connect(unixDomainSocketPath: socket) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw ControlError(socket: socket, cause: cause(of: error))
        }
    }

    private func cause(of error: any Error) -> ControlError.Cause {
        switch error {
        case SocketAddressError.unixDomainSocketPathTooLong: return .pathTooLong
        case ChannelError.connectTimeout: return .timeout(limit)
        case let error as IOError:
            switch error.errnoCode {
            case ENOENT, ENOTDIR: return .noSocket
            case EACCES, EPERM: return .permissionDenied
            case EAGAIN: return .busy
            case EPROTOTYPE: return .notASocket  // of another type
            case ECONNREFUSED:
                // The kernel says the same of a file that is no socket.
                var status = stat()
                let isSocket = unsafe stat(socket, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
                return isSocket ? .refused : .notASocket
            default: return .system("\(SystemCallError.text(error.errnoCode))")
            }
        default: return .system("\(error)")
        }
    }
}
