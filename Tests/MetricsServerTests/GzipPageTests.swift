import NIOCore
import TestSupport
import Testing

@testable import MetricsServer
@testable import VexportCore

@Suite struct GzipPageTests {
    let pipeline = Pipeline(Exposure(detail: .full))
    let cache = GzipCache()

    /// Publishes a tick and returns its frame.
    func tick(_ links: some Sequence<Int32>, counters: Int = 25, _ value: (Int32, Int) -> UInt64) -> TickFrame {
        var samples = TickSamples()
        for link in links {
            let row = (0..<counters).map { value(link, $0) }
            samples.append(index: link, row: row.span.bytes)
        }
        pipeline.performAndWait { $0.ingest(samples, scheduled: true) }
        return pipeline.frames.latest!
    }

    func apply(_ changes: LinkChange...) {
        pipeline.performAndWait { _ = $0.apply(changes, at: Timestamp(nanoseconds: 0)) }
    }

    func exposition(_ frame: TickFrame, _ format: ExpositionFormat) -> TextExposition {
        var sink = SampleSink()
        FrameMetrics.collect(frame, now: frame.moment.instant, into: &sink)
        return TextExposition(frame: frame, others: sink, format: format)
    }

    /// A page on its way, and what it must turn out to be.
    final class Download {
        var body: PageBody
        var received: [UInt8] = []
        let expected: [UInt8]
        private var buffer = ByteBuffer()

        init(_ exposition: TextExposition, _ page: GzipPage, _ cache: GzipCache) {
            var plain = PageBody.plain(exposition)
            var text: [UInt8] = []
            repeat {
                plain.write(into: &buffer)
                text += buffer.readableBytesView
            } while buffer.readableBytes > 0
            expected = text
            body = .gzip(GzipBody(exposition, page, cache))
        }

        /// Takes one piece; false at the end.
        func takePiece() -> Bool {
            body.write(into: &buffer)
            received += buffer.readableBytesView
            return buffer.readableBytes > 0
        }
    }

    func download(_ frame: TickFrame, _ format: ExpositionFormat = .text) -> Download {
        let exposition = exposition(frame, format)
        return Download(exposition, cache.page(of: exposition, frame, format), cache)
    }

    @Test("compressed pages hold what plain ones do, whatever changes in between", arguments: ExpositionFormat.allCases)
    func sameAsPlain(format: ExpositionFormat) throws {
        apply(.dumped((1...2000).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        var frames = [tick(1...2000) { UInt64($0) * UInt64($1) }]
        frames.append(tick(1...2000) { UInt64($0) * UInt64($1) })
        frames.append(tick(1...2000) { UInt64($0) * UInt64($1) + ($1 == 2 ? 1 : 0) })
        frames.append(tick((1...2000).reversed()) { UInt64($0) * UInt64($1) + ($1 == 2 ? 1 : 0) })
        frames.append(tick(1...1999) { UInt64($0) * UInt64($1) })
        frames.append(tick(1...2000, counters: 24) { UInt64($0) * UInt64($1) })
        apply(.announced(index: 7, LinkState(name: "renamed", kind: .veth)))
        frames.append(tick(1...2000) { UInt64($0) * UInt64($1) })
        apply(.deleted(index: 8))
        frames.append(tick(1...2000) { UInt64($0) * UInt64($1) })
        frames.append(tick([]) { _, _ in 0 })
        for frame in frames + frames.reversed() {
            let page = download(frame, format)
            while page.takePiece() {}
            try #expect(gunzip(page.received) == page.expected)
        }
    }

    @Test("pages of several clients at once, some of which leave, are each whole")
    func interleaved() throws {
        var random = SeededGenerator(seed: 42)
        apply(.dumped((1...3000).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        var open: [Download] = []
        for round in 0..<12 as Range<UInt64> {
            let moving = Int.random(in: 0..<25, using: &random)
            let frame = tick(1...3000) { UInt64($0) + ($1 == moving ? round : 0) }
            for format in ExpositionFormat.allCases { open.append(download(frame, format)) }
            if round % 4 == 3 { open.removeFirst() }
            for _ in 0..<30 {
                guard let place = open.indices.randomElement(using: &random) else { break }
                if !open[place].takePiece() {
                    let page = open.remove(at: place)
                    try #expect(gunzip(page.received) == page.expected)
                }
            }
        }
        for page in open {
            while page.takePiece() {}
            try #expect(gunzip(page.received) == page.expected)
        }
    }

    @Test("only what changed is compressed again")
    func kept() throws {
        apply(.dumped((1...100).map { ($0, LinkState(name: "v\($0)", kind: .veth)) }))
        let first = tick(1...100) { UInt64($0) + UInt64($1) }
        let page = download(first)
        while page.takePiece() {}
        let second = tick(1...100) { UInt64($0) + UInt64($1) + ($1 == LinkCounter.receiveBytes.rawValue ? 5 : 0) }
        let exposition = exposition(second, .text)
        let isKept = cache.page(of: exposition, second, .text).parts.map { $0 != nil }
        // The bytes received are the table's first family, and the last part is not of links.
        #expect(isKept == [false] + Array(repeating: true, count: isKept.count - 2) + [false])
        apply(.announced(index: 7, LinkState(name: "renamed", kind: .veth)))
        let third = tick(1...100) { UInt64($0) + UInt64($1) }
        #expect(cache.page(of: self.exposition(third, .text), third, .text).parts.allSatisfy { $0 == nil })
    }
}

@Suite(.serialized) struct GzipServerTests {
    /// A page without the one value that no two answers share.
    func withoutAge(_ page: [UInt8]) -> [Substring] {
        String(decoding: page, as: UTF8.self).split(separator: "\n").filter {
            !$0.hasPrefix("vexport_tick_age_seconds ")
        }
    }

    @Test("a client that takes gzip gets the page packed, as long as a plain one is")
    func packed() async throws {
        try await ServerTests().withServer(links: 5_000) { port, _ in
            let plain = try Connection.get("/metrics", port: port)
            #expect(plain.headers["content-encoding"] == nil)
            let connection = try Connection(port: port)
            for _ in 0..<2 {
                let page = try connection.request("GET /metrics", headers: "Accept-Encoding: gzip\r\n")
                #expect(page.status == 200)
                #expect(page.headers["content-encoding"] == "gzip")
                #expect(page.headers["vary"] == "Accept, Accept-Encoding")
                #expect(page.body.count < plain.body.count / 10)
                try #expect(withoutAge(gunzip(page.body)) == withoutAge(plain.body))
            }
        }
    }

    @Test("curl takes the page apart")
    func curl() async throws {
        try await ServerTests().withServer(links: 100) { port, _ in
            let url = "http://127.0.0.1:\(port)/metrics"
            let page = try Command.run("curl", "-sS", "--compressed", url)
            try #expect(withoutAge(Array(page.utf8)) == withoutAge(Connection.get("/metrics", port: port).body))
            let old = try Command.run("curl", "-sS", "--compressed", "--http1.0", url)
            #expect(withoutAge(Array(old.utf8)) == withoutAge(Array(page.utf8)))
        }
    }

    @Test("HEAD tells the coding and no body follows")
    func head() async throws {
        try await ServerTests().withServer { port, _ in
            let connection = try Connection(port: port)
            let head = try connection.request("HEAD /metrics", headers: "Accept-Encoding: gzip\r\n")
            #expect(head.headers["content-encoding"] == "gzip")
            #expect((head.headers["content-length"].flatMap { Int($0) } ?? 0) > 100)
            try #expect(connection.request("GET /-/healthy").text == "vexport is healthy.\n")
        }
    }

    @Test("a slow reader's packed page is whole, while others leave half-way and scrape")
    func slowReader() async throws {
        try await ServerTests().withServer(links: 5_000) { port, _ in
            let request = "GET /metrics HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n"
            let slow = try Connection(port: port, receiveBuffer: 4096)
            slow.send(request)
            for _ in 0..<5 {
                let gone = try Connection(port: port, receiveBuffer: 4096)
                gone.send(request)
                #expect(gone.receive(1000)?.count == 1000)
            }
            let plain = try Connection.get("/metrics", port: port)
            try #expect(withoutAge(gunzip(slow.response().body)) == withoutAge(plain.body))
        }
    }

    @Test("a client that takes neither gzip nor the plain page is told so")
    func refused() async throws {
        try await ServerTests().withServer { port, _ in
            let connection = try Connection(port: port)
            try #expect(connection.request("GET /metrics", headers: "Accept-Encoding: br, *;q=0\r\n").status == 406)
            try #expect(connection.request("GET /metrics", headers: "Accept-Encoding: gzip;q=0\r\n").status == 200)
        }
    }
}
