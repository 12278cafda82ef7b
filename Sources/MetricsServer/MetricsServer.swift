import Glibc
public import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
public import VexportCore

/// Serves /metrics and the API over HTTP, on one thread. What TCP clients send changes nothing; the unix socket's may
/// change the daemon's state.
public final class MetricsServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let controlChannel: (any Channel)?
    private let control: ControlSocket?
    private let state: NIOLoopBound<ServerState>
    private let options: ServerOptions

    /// Where it listens, with the port that the kernel chose if it was 0.
    public var address: String {
        guard let address = channel.localAddress, let host = address.ipAddress, let port = address.port else {
            return "nowhere"
        }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - frames: where scrapes take frames from.
    ///   - sources: what else is on the page.
    ///   - endpoints: the API. One for each path.
    ///   - control: the unix socket, which the server takes.
    /// - Throws: `ListenError` when the address can't be bound.
    public static func start(
        options: ServerOptions, frames: any FrameSource, sources: [any MetricSource], endpoints: [APIEndpoint] = [],
        control: ControlSocket? = nil, logger: Logger
    ) async throws -> MetricsServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let state = try await loop.submit {
            NIOLoopBound(
                ServerState(
                    options: options, frames: frames, sources: sources, endpoints: endpoints, logger: logger, loop: loop
                ),
                eventLoop: loop)
        }.get()
        func bootstrap(_ origin: RequestOrigin) -> ServerBootstrap {
            ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try prepare(channel, state.value, origin) }
                }
                .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 64 << 10))
        }
        do {
            let channel: any Channel
            if let inherited = options.inherited {
                channel = try await bootstrap(.network).withBoundSocket(inherited).get()
            } else {
                channel = try await bind(
                    bootstrap(.network).serverChannelOption(.socketOption(.so_reuseaddr), value: 1), to: options.listen)
            }
            let controlChannel: (any Channel)?
            if let control {
                controlChannel = try await bootstrap(.control).withBoundSocket(control.descriptor).get()
            } else {
                controlChannel = nil
            }
            return MetricsServer(
                group: group, channel: channel, controlChannel: controlChannel, control: control, state: state,
                options: options)
        } catch {
            try? await group.shutdownGracefully()
            control?.remove()
            throw ListenError(
                address: options.listen,
                reason: (error as? IOError).map { SystemCallError.text($0.errnoCode) } ?? "\(error)")
        }
    }

    /// Puts the handlers of a connection into its channel.
    static func prepare(_ channel: any Channel, _ state: ServerState, _ origin: RequestOrigin) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
        try pipeline.addHandler(RequestHandler(server: state, origin: origin))
    }

    private static func bind(_ bootstrap: ServerBootstrap, to listen: ListenAddress) async throws -> any Channel {
        if let host = listen.host {
            if let literal = try? SocketAddress(ipAddress: host, port: listen.port) {
                return try await bootstrap.bind(to: literal).get()
            }
            return try await bootstrap.bind(host: host, port: listen.port).get()
        }
        do {
            return try await bootstrap.bind(to: SocketAddress(ipAddress: "::", port: listen.port)).get()
        } catch let error as IOError where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL {
            // A host without IPv6.
            return try await bootstrap.bind(to: SocketAddress(ipAddress: "0.0.0.0", port: listen.port)).get()
        }
    }

    private init(
        group: MultiThreadedEventLoopGroup, channel: any Channel, controlChannel: (any Channel)?,
        control: ControlSocket?, state: NIOLoopBound<ServerState>, options: ServerOptions
    ) {
        self.group = group
        self.channel = channel
        self.controlChannel = controlChannel
        self.control = control
        self.state = state
        self.options = options
    }

    /// Returns when the server's thread has come to it: never, if that hangs.
    public func respond() async {
        try? await channel.eventLoop.submit {}.get()
    }

    /// How old a tick may be that a scrape takes, from now on. Source: `sampling.max_age`.
    public func setMaximumAge(_ age: Duration) {
        channel.eventLoop.execute { [state] in state.value.coordinator.maximumAge = age }
    }

    /// Stops listening and lets answers under way end, for `drainTimeout` at most.
    public func drain() async {
        let drained = channel.eventLoop.makePromise(of: Void.self)
        let limit = channel.eventLoop.scheduleTask(in: TimeAmount(options.drainTimeout)) { drained.succeed() }
        try? await channel.close()
        try? await controlChannel?.close()
        channel.eventLoop.execute { [state] in
            let idle = state.value.connections.drain(drained)
            for channel in idle { channel.close(promise: nil) }
        }
        try? await drained.futureResult.get()
        limit.cancel()
    }

    /// Ends the server's thread. Nobody may answer its requests for frames any more.
    public func close() async {
        try? await group.shutdownGracefully()
        control?.remove()
    }
}

/// The address can't be listened on.
public struct ListenError: Error, CustomStringConvertible, Sendable {
    public let address: ListenAddress
    public let reason: String

    public var description: String { "can't listen on \(address): \(reason)" }
}

/// Where a connection came in, which says what it may ask.
enum RequestOrigin {
    /// TCP: may read the metrics, and more with `--web.enable-api`.
    case network
    /// The unix socket: may do everything.
    case control
}

/// What all connections share. Lives on the event loop.
final class ServerState {
    let options: ServerOptions
    let frames: any FrameSource
    let sources: [any MetricSource]
    let endpoints: [String: APIEndpoint]
    let logger: Logger
    let coordinator: ScrapeCoordinator
    var connections: ConnectionTable
    var scrapes: ScrapeTable
    /// Calls of the API under way.
    var apiCalls = 0
    private let gzip = GzipCache()
    private var landing: (instant: ContinuousClock.Instant?, html: String)?

    init(
        options: ServerOptions, frames: any FrameSource, sources: [any MetricSource], endpoints: [APIEndpoint],
        logger: Logger, loop: any EventLoop
    ) {
        self.options = options
        self.frames = frames
        self.sources = sources
        self.endpoints = Dictionary(uniqueKeysWithValues: endpoints.map { ($0.path, $0) })
        self.logger = logger
        coordinator = ScrapeCoordinator(frames: frames, options: options, loop: loop)
        connections = ConnectionTable(limit: options.connections)
        scrapes = ScrapeTable(limit: options.scrapes, stallTolerance: TimeAmount(options.stallTolerance))
    }

    /// The page at `/metrics`: a frame, and what the sources say now.
    func page(_ frame: TickFrame, _ format: ExpositionFormat, _ coding: ContentCoding) -> PageBody {
        var sink = SampleSink()
        FrameMetrics.collect(frame, now: .now, into: &sink)
        for source in sources { source.collect(into: &sink) }
        let exposition = TextExposition(frame: frame, others: sink, format: format)
        return switch coding {
        case .identity: .plain(exposition)
        case .gzip: .gzip(GzipBody(exposition, gzip.page(of: exposition, frame, format), gzip))
        }
    }

    /// The page at `/`, made once a tick: sorting thousands of links takes the one thread's time.
    func landingPage(showsLinks: Bool) -> String {
        guard showsLinks else { return LandingPage.html("") }
        let last = frames.lastTwo
        let instant = last?.later.moment.instant
        if let landing, landing.instant == instant { return landing.html }
        let html = LandingPage.html(last.map(LandingPage.busiest) ?? "<p>The links have not been read twice yet.</p>")
        landing = (instant, html)
        return html
    }
}
