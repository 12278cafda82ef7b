import Testing

@testable import MetricsServer
@testable import VexportCore

struct LandingPageTests {
    @Test("links of one name in two namespaces can be told apart")
    func namespaces() throws {
        let (pipeline, start) = (Pipeline(), ContinuousClock.now)
        func samples(_ value: UInt64, at second: Int) -> TickSamples {
            var samples = TickSamples()
            samples.moment = Moment(timestamp: Timestamp(nanoseconds: 0), instant: start + .seconds(second))
            samples.append(index: 1, row: [UInt64](repeating: value, count: 25).span.bytes)
            return samples
        }
        let loopback = LinkState(name: "lo", kind: .loopback)
        pipeline.performAndWait { pipeline in
            let changes: [LinkChange] = [
                .allFollowed(own: NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)),
                .namespaceSighted(
                    NamespaceSighting(file: NamespaceFile(device: 4, inode: 5), nsid: 5, name: "a<b")),
                .dumped([(Int32(1), loopback)]), .dumped(in: 5, [(Int32(1), loopback)]),
            ]
            _ = pipeline.apply(changes, at: Timestamp(nanoseconds: 0))
            for second in 0...1 {
                let other = RemotePart(namespace: NamespaceID(number: 1), rows: 0..<1)
                pipeline.ingestRemote(samples(UInt64(second * 5), at: second), [other])
                pipeline.ingest(samples(UInt64(second * 7), at: second), scheduled: true)
            }
        }
        let (earlier, later) = try #require(pipeline.frames.lastTwo)
        let rows = LandingPage.busiest(earlier, later).split(separator: "\n").filter { $0.contains("<td>") }
        #expect(
            rows == [
                "<tr><td>lo</td><td></td><td>loopback</td><td>7</td><td>7</td></tr>",
                "<tr><td>lo</td><td>a&lt;b</td><td>loopback</td><td>5</td><td>5</td></tr>",
            ])
    }
}
