public import Logging
internal import NIOCore
internal import NIOExtras
internal import NIOHTTP1
internal import NIOPosix
public import VexportCore

/// Serves /metrics over HTTP, on one thread. Read-only: nothing a client sends changes anything.
public final class MetricsServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let quiescing: ServerQuiescingHelper
    private let options: ServerOptions

    /// Where it listens, with the port that the kernel chose if it was 0.
    public var address: String {
        channel.localAddress.map { "\($0.ipAddress ?? ""):\($0.port ?? 0)" } ?? "nowhere"
    }

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - frames: where scrapes take frames from.
    ///   - sources: what else is on the page.
    /// - Throws: `ListenError` when the address can't be bound.
    public static func start(
        options: ServerOptions, frames: any FrameSource, sources: [any MetricSource], logger: Logger
    ) async throws -> MetricsServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let quiescing = ServerQuiescingHelper(group: group)
        let state = try await loop.submit {
            NIOLoopBound(
                ServerState(options: options, frames: frames, sources: sources, logger: logger, loop: loop), eventLoop: loop)
        }.get()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(RequestHandler(server: state.value))
                }
            }
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 512 << 10))
        do {
            let channel = try await bootstrap.bind(host: options.listen.host ?? "::", port: options.listen.port).get()
            return MetricsServer(group: group, channel: channel, quiescing: quiescing, options: options)
        } catch {
            try? await group.shutdownGracefully()
            throw ListenError(address: options.listen, reason: "\(error)")
        }
    }

    private init(
        group: MultiThreadedEventLoopGroup, channel: any Channel, quiescing: ServerQuiescingHelper, options: ServerOptions
    ) {
        self.group = group
        self.channel = channel
        self.quiescing = quiescing
        self.options = options
    }

    /// Stops listening, lets answers under way end for `drainTimeout` at most, and closes.
    public func stop() async {
        let drained = channel.eventLoop.makePromise(of: Void.self)
        quiescing.initiateShutdown(promise: drained)
        let limit = channel.eventLoop.scheduleTask(in: TimeAmount(options.drainTimeout)) { drained.succeed(()) }
        try? await drained.futureResult.get()
        limit.cancel()
        try? await group.shutdownGracefully()
    }
}

/// The address can't be listened on.
public struct ListenError: Error, CustomStringConvertible, Sendable {
    public let address: ListenAddress
    public let reason: String

    public var description: String { "can't listen on \(address): \(reason)" }
}

/// What all connections share. Lives on the event loop.
final class ServerState {
    let options: ServerOptions
    let frames: any FrameSource
    let sources: [any MetricSource]
    let logger: Logger
    let coordinator: ScrapeCoordinator
    var connections: ConnectionTable
    /// Scrapes being answered.
    var scrapes = 0

    init(
        options: ServerOptions, frames: any FrameSource, sources: [any MetricSource], logger: Logger, loop: any EventLoop
    ) {
        self.options = options
        self.frames = frames
        self.sources = sources
        self.logger = logger
        coordinator = ScrapeCoordinator(frames: frames, options: options, loop: loop)
        connections = ConnectionTable(limit: options.connections)
    }
}
