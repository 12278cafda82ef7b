import Foundation
import Logging
import NIOCore
import NIOEmbedded
import VexportCore

@testable import MetricsServer
@testable import VexportCore

/// The bytes that a client sends on one connection. The input's first byte says in pieces of which size they come.
enum RequestTarget: FuzzTarget {
    static func seeds() throws -> [[UInt8]] { try corpus("request").map { [0] + $0 } }

    static func run(_ input: [UInt8]) {
        guard let size = input.first.map({ $0 == 0 ? input.count : Int($0) }) else { return }
        let channel = EmbeddedChannel()
        let loop = channel.embeddedEventLoop
        let state = ServerState(
            options: ServerOptions(listen: ListenAddress(":0")!), frames: Frames.shared, sources: [], endpoints: [],
            logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }, loop: loop)
        try! MetricsServer.prepare(channel, state, .network)
        try! channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()

        var answer = ByteBuffer()
        func takeOutput() {
            while let piece = try? channel.readOutbound(as: ByteBuffer.self) { answer.writeImmutableBuffer(piece) }
        }
        var rest = input.dropFirst()
        while !rest.isEmpty, channel.isActive {
            _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
            loop.run()
            takeOutput()
        }
        loop.advanceTime(by: .seconds(600))  // whoever waits for something has waited long enough
        takeOutput()
        require(!channel.isActive, "a connection that outlived the idle time")
        require(state.scrapes.isEmpty, "a scrape that never ended")
        require(state.connections.isEmpty, "a connection that is still counted")
        check(Array(answer.readableBytesView), requestBytes: input.count)
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    /// Nothing but answers, of the kinds there are, and none of what the client sent.
    private static func check(_ answer: [UInt8], requestBytes: Int) {
        guard !answer.isEmpty else { return }
        // The shortest request that gets the longest answer.
        require(answer.count <= (requestBytes / 16 + 1) * 64_000, "\(answer.count) bytes for \(requestBytes)")
        let text = String(decoding: answer, as: UTF8.self)
        let status = text.prefix { $0 != "\r\n" }
        let known = ["200 OK", "400 Bad Request", "404 Not Found", "405 Method Not Allowed"]
        require(
            known.contains { status == "HTTP/1.1 \($0)" || status == "HTTP/1.0 \($0)" }, "the status line '\(status)'")
    }
}

/// A tick of three links.
private final class Frames: FrameSource {
    static let shared = Frames()
    private let pipeline = Pipeline(Exposure(detail: .full))

    private init() {
        pipeline.performAndWait { pipeline in
            let states = (1...3).map { (Int32($0), LinkState(name: "v\($0)", kind: .veth)) }
            _ = pipeline.apply([.dumped(states)], at: Timestamp(nanoseconds: 0))
            pipeline.ingest(TickSamples(), scheduled: true)
            pipeline.ingest(TickSamples(), scheduled: true)
        }
    }

    var latest: TickFrame? { pipeline.frames.latest }
    var lastTwo: (earlier: TickFrame, later: TickFrame)? { pipeline.frames.lastTwo }

    func requestFrame(maxAge: Duration, completion: @escaping @Sendable (TickFrame?) -> Void) { completion(latest) }
}
