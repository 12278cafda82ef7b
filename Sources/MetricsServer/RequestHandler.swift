internal import NIOCore
internal import NIOHTTP1
import VexportCore

/// One connection: answers its requests one after the other.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: ServerState
    private let origin: RequestOrigin
    private var head: HTTPRequestHead?
    /// The body so far, where a body has a meaning, and one byte more than is taken at most.
    private var body: [UInt8] = []
    private var timeout: Scheduled<Void>?
    private var connection: UInt64?
    /// What is answered but for the end, which waits for the client to read: before it the next request is not looked at.
    private var unread: HTTPRequestHead?

    init(server: ServerState, origin: RequestOrigin) {
        self.server = server
        self.origin = origin
    }

    func channelActive(context: ChannelHandlerContext) {
        let (ticket, surplus) = server.connections.add(context.channel)
        connection = ticket
        restartTimeout(context)
        surplus?.close(promise: nil)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        if let connection { server.connections.remove(connection) }
        connection = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let piece):
            guard origin == .control else { return }  // what TCP may ask has no body
            body += piece.readableBytesView.prefix(APIRequest.longestBody + 1 - body.count)
        case .end:
            guard let head else { return }
            self.head = nil
            if let connection { server.connections.setBusy(connection) }
            restartTimeout(context)
            answer(head, context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let head = unread {
            unread = nil
            end(head, context)
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        server.logger.debug("connection closed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = String(head.uri.prefix { $0 != "?" })
        switch server.route(path, head.method, from: origin) {
        case .metrics: scrape(head, context)
        case .landing(let showsLinks):
            respond(
                .ok, server.landingPage(showsLinks: showsLinks), to: head, context,
                contentType: "text/html; charset=utf-8")
        case .healthy: respond(.ok, "vexport is healthy.\n", to: head, context)
        case .ready:
            if server.frames.latest == nil {
                respond(.serviceUnavailable, "vexport has not read the links yet.\n", to: head, context)
            } else {
                respond(.ok, "vexport is ready.\n", to: head, context)
            }
        case .endpoint(let endpoint): call(endpoint, head, context)
        case .wrongMethod(let allowed):
            respond(
                .methodNotAllowed, "405 method not allowed\n", to: head, context, headers: [("Allow", allowed)])
        case .notFound(let advice): respond(.notFound, "404 not found: \(advice)\n", to: head, context)
        }
    }

    // MARK: - The API

    private func call(_ endpoint: APIEndpoint, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let body = body
        self.body = []
        guard body.count <= APIRequest.longestBody else {
            let limit = "413 a body has \(APIRequest.longestBody) bytes at most\n"
            return respond(.payloadTooLarge, limit, to: head, context)
        }
        guard let request = APIRequest(uri: head.uri, body: body) else {
            return respond(.badRequest, "400 the query is not percent-encoded UTF-8\n", to: head, context)
        }
        guard server.apiCalls < server.options.apiCalls else {
            return respond(
                .serviceUnavailable, "503 too many calls at once\n", to: head, context,
                headers: [("Retry-After", "1")])
        }
        server.apiCalls += 1
        let (loop, here) = (context.eventLoop, NIOLoopBound((self, context), eventLoop: context.eventLoop))
        Task {
            let response = await endpoint.answer(request)
            loop.execute {
                let (handler, context) = here.value
                handler.server.apiCalls -= 1
                guard context.channel.isActive else { return }
                handler.respond(
                    HTTPResponseStatus(statusCode: response.status), response.body, to: head, context,
                    contentType: response.contentType)
            }
        }
    }

    // MARK: - Scrapes

    private func scrape(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let wishes = ScrapeWishes(head.headers)
        guard let coding = wishes.coding else {
            return respond(.notAcceptable, "406 there are gzip and identity\n", to: head, context)
        }
        let (place, stalled) = server.scrapes.add(context.channel, now: .now())
        stalled?.close(promise: nil)
        guard let ticket = place else {
            return respond(
                .serviceUnavailable, "too many scrapes at once\n", to: head, context, headers: [("Retry-After", "1")])
        }
        server.coordinator.withFrame(timeout: wishes.timeout) { [self] frame in
            guard let frame else {
                server.scrapes.remove(ticket)
                return respond(.serviceUnavailable, "vexport has not read the links yet.\n", to: head, context)
            }
            let page = server.page(frame, wishes.format, coding)
            var buffer = context.channel.allocator.buffer(capacity: 0)
            var headers = [("Vary", "Accept, Accept-Encoding")]
            if coding == .gzip { headers.append(("Content-Encoding", "gzip")) }
            let type = wishes.format.contentType
            if head.method == .HEAD {
                server.scrapes.remove(ticket)
                let length = Self.length(of: page, buffer: &buffer)
                start(head, .ok, contentType: type, length: length, headers: headers, context)
                return finish(head, context)
            }
            start(head, .ok, contentType: type, length: nil, headers: headers, context)
            write(page, buffer: buffer, ticket, head, context)
        }
    }

    /// How long a body is. Without a Content-Length the encoder would end a HEAD's answer with a chunk.
    private static func length(of page: consuming PageBody, buffer: inout ByteBuffer) -> Int {
        var total = 0
        while true {
            page.write(into: &buffer)
            guard buffer.readableBytes > 0 else { return total }
            total += buffer.readableBytes
        }
    }

    /// Writes one piece, and the next when the client has taken it: a slow reader holds one piece, not the whole body.
    private func write(
        _ page: consuming PageBody, buffer: consuming ByteBuffer, _ ticket: UInt64, _ head: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        var page = page
        var buffer = buffer
        page.write(into: &buffer)
        server.scrapes.setProgress(ticket, now: .now())
        guard buffer.readableBytes > 0, context.channel.isActive else {
            server.scrapes.remove(ticket)
            return finish(head, context)
        }
        let next = (page, buffer)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success:
                restartTimeout(context)
                write(next.0, buffer: next.1, ticket, head, context)
            case .failure: server.scrapes.remove(ticket)
            }
        }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
    }

    // MARK: - Answers

    private func respond(
        _ status: HTTPResponseStatus, _ text: String, to head: HTTPRequestHead, _ context: ChannelHandlerContext,
        contentType: String = "text/plain; charset=utf-8", headers: [(String, String)] = []
    ) {
        respond(status, Array(text.utf8), to: head, context, contentType: contentType, headers: headers)
    }

    private func respond(
        _ status: HTTPResponseStatus, _ body: [UInt8], to head: HTTPRequestHead, _ context: ChannelHandlerContext,
        contentType: String, headers: [(String, String)] = []
    ) {
        start(head, status, contentType: contentType, length: body.count, headers: headers, context)
        if head.method != .HEAD {
            context.write(
                wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: body)))), promise: nil)
        }
        finish(head, context)
    }

    private func start(
        _ head: HTTPRequestHead, _ status: HTTPResponseStatus, contentType: String, length: Int?,
        headers: [(String, String)], _ context: ChannelHandlerContext
    ) {
        var fields = HTTPHeaders(headers)
        fields.add(name: "Content-Type", value: contentType)
        fields.add(name: "X-Content-Type-Options", value: "nosniff")
        if let length { fields.add(name: "Content-Length", value: String(length)) }
        if !goesOn(after: head) { fields.add(name: "Connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: fields))),
            promise: nil)
    }

    private func finish(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if let connection { server.connections.setIdle(connection) }
        restartTimeout(context)
        context.flush()
        // A client that asks on and on and never reads would fill the memory with its answers.
        if context.channel.isWritable { end(head, context) } else { unread = head }
    }

    private func end(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        if !goesOn(after: head) {
            promise.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    /// HTTP/1.0 has no chunks: the end of the connection is the end of the body.
    private func goesOn(after head: HTTPRequestHead) -> Bool {
        head.isKeepAlive && head.version != .http1_0 && !server.connections.isDraining
    }

    private func restartTimeout(_ context: ChannelHandlerContext) {
        timeout?.cancel()
        guard connection != nil else { return }
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(server.options.idleTimeout)) {
            context.close(promise: nil)
        }
    }
}
