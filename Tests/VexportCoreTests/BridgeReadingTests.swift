import Testing

@testable import VexportCore

/// What is read of bridges now and then, on its way to the page.
@Suite struct BridgeReadingTests {
    let pipeline: Pipeline
    static let moment = Page.moment

    init() { pipeline = Self.pipeline(Exposure(detail: .basic)) }

    /// A bridge that counts what it can, its port, and a tap beside them.
    private static func pipeline(_ exposure: Exposure) -> Pipeline {
        let pipeline = Pipeline(exposure)
        var bridge = Snapshots.link("br0", .bridge)
        bridge.bridge?.stp = 1
        bridge.bridge?.countsMulticast = true
        bridge.bridge?.countsVLANs = true
        bridge.bridge?.vlanFiltering = true
        apply(
            pipeline,
            .dump(
                (3, bridge), (4, Snapshots.link("port0", .veth, master: 3, port: 3)), (5, Snapshots.link("tap0", .tap)))
        )
        return pipeline
    }

    static func apply(_ pipeline: Pipeline, _ changes: LinkChange...) {
        pipeline.performAndWait { _ = $0.apply(changes, at: moment.timestamp) }
    }

    static var port: BridgeReading {
        var reading = BridgeReading()
        var entries = ForwardingEntries()
        for last in UInt8(1)...10 { entries.add([2, 0, 0, 0, 0, last], isStatic: last == 10) }
        reading.forwarding = entries
        reading.spanningTree = SpanningTreeCounters([1, 2, 3, 4, 5, 6])
        reading.multicast = MulticastCounters((0..<30).map { UInt64($0) })
        return reading
    }

    static var bridge: BridgeReading {
        var reading = BridgeReading()
        reading.multicast = MulticastCounters([UInt64](repeating: 7, count: 30))
        reading.vlans = [
            10: VLANCounters(receivedBytes: 1, receivedPackets: 2, sentBytes: 3, sentPackets: 4),
            2: VLANCounters(receivedBytes: 5, receivedPackets: 6, sentBytes: 7, sentPackets: 8),
        ]
        return reading
    }

    func read(_ readings: [Int32: BridgeReading], in pipeline: Pipeline? = nil) {
        (pipeline ?? self.pipeline).performAndWait { pipeline in
            pipeline.ingestBridges(
                Dictionary(uniqueKeysWithValues: readings.map { (LinkPlace(.own, $0), $1) }), at: Self.moment)
        }
    }

    func frame(of pipeline: Pipeline? = nil) -> TickFrame {
        let pipeline = pipeline ?? self.pipeline
        pipeline.performAndWait { pipeline in
            var samples = TickSamples()
            samples.moment = Self.moment
            pipeline.ingest(samples, scheduled: true)
        }
        return pipeline.frames.latest!
    }

    func lines(_ prefix: String, in pipeline: Pipeline? = nil) -> [Substring] {
        Page.render(frame(of: pipeline)).split(separator: "\n").filter { $0.hasPrefix(prefix) }
    }

    @Test("a port's forwarding entries and spanning tree, and a bridge's VLANs, are on the page")
    func page() {
        read([4: Self.port, 3: Self.bridge])
        #expect(
            lines("vexport_bridge_port_fdb") == [
                #"vexport_bridge_port_fdb_learned_entries{device="port0"} 9"#,
                #"vexport_bridge_port_fdb_static_entries{device="port0"} 1"#,
            ])
        #expect(
            lines("vexport_bridge_port_forwarding_transitions_total{") == [
                #"vexport_bridge_port_forwarding_transitions_total{device="port0"} 2"#
            ])
        #expect(
            lines("vexport_bridge_vlan_transmit_bytes_total{") == [
                #"vexport_bridge_vlan_transmit_bytes_total{device="br0",vlan="2"} 7"#,
                #"vexport_bridge_vlan_transmit_bytes_total{device="br0",vlan="10"} 3"#,
            ])
        #expect(
            lines("vexport_bridge_port_multicast_transmit_packets_total{") == [
                #"vexport_bridge_port_multicast_transmit_packets_total{device="port0"} 29"#
            ])
        #expect(lines("vexport_bridge_port_multicast_receive_messages_total") == [])
    }

    @Test("with all details each counter of multicast has the place that the kernel's struct gives it")
    func details() {
        let pipeline = Self.pipeline(Exposure(detail: .full))
        read([4: Self.port], in: pipeline)
        func value(_ name: String, _ labels: String) -> String? {
            lines("vexport_bridge_port_\(name){device=\"port0\"\(labels)} ", in: pipeline).first
                .flatMap { $0.split(separator: " ").last }.map(String.init)
        }
        #expect(value("multicast_receive_messages_total", #",protocol="igmp",type="v3_report""#) == "12")
        #expect(value("multicast_transmit_messages_total", #",protocol="igmp",type="leave""#) == "7")
        #expect(value("multicast_receive_messages_total", #",protocol="mld",type="v1_query""#) == "15")
        #expect(value("multicast_transmit_messages_total", #",protocol="mld",type="v2_report""#) == "24")
        #expect(value("multicast_parse_errors_total", #",protocol="mld""#) == "25")
        #expect(value("receive_bpdus_total", "") == "3")
    }

    @Test("what a bridge was not told to count is absent and not 0")
    func notCounted() {
        let plain = Pipeline(Exposure(detail: .full))
        Self.apply(
            plain, .dump((3, Snapshots.link("br0", .bridge)), (4, Snapshots.link("port0", .veth, master: 3, port: 3))))
        read([4: Self.port, 3: Self.bridge], in: plain)
        #expect(lines("vexport_bridge_port_multicast", in: plain) == [])
        #expect(lines("vexport_bridge_vlan_receive", in: plain) == [])
        #expect(lines("vexport_bridge_port_blocking_transitions", in: plain) == [])
        #expect(lines("vexport_bridge_port_fdb_learned_entries{", in: plain).count == 1)
    }

    @Test("a port that is gone takes its reading with it, also when another link has its slot and index")
    func gone() {
        read([4: Self.port])
        Self.apply(
            pipeline, .deleted(index: 4), .announced(index: 4, Snapshots.link("next", .veth, master: 3, port: 3)))
        #expect(lines("vexport_bridge_port_fdb") == [])
        read([4: Self.port, 99: Self.port])
        #expect(
            lines("vexport_bridge_port_fdb_learned") == [#"vexport_bridge_port_fdb_learned_entries{device="next"} 9"#])
    }

    @Test("links left out by the selection have none of it")
    func selection() {
        var (exposure, pattern) = (Exposure(detail: .full), LinkPattern())
        pattern.name = "port*"
        exposure.exclude = [pattern]
        let pipeline = Self.pipeline(exposure)
        read([4: Self.port, 3: Self.bridge], in: pipeline)
        #expect(lines("vexport_bridge_port_fdb", in: pipeline) == [])
        #expect(!lines("vexport_bridge_vlan_receive_bytes_total{", in: pipeline).isEmpty)
    }

    @Test("its series count against the budget", arguments: LinkDetail.allCases)
    func budget(detail: LinkDetail) throws {
        func series(_ page: String) -> Int { page.split(separator: "\n").count { $0.contains("device=\"") } }
        var exposure = Exposure(detail: detail)
        let all = Self.pipeline(exposure)
        read([4: Self.port, 3: Self.bridge], in: all)
        // Without the counters that no tick of this test reads.
        let counters = LinkMetrics.counters.count { detail == .full || !$0.isDetail } * 3
        exposure.seriesBudget = series(Page.render(frame(of: all))) + counters
        let limited = Self.pipeline(exposure)
        read([4: Self.port, 3: Self.bridge], in: limited)
        #expect(lines("vexport_series_refused", in: limited) == ["vexport_series_refused 0"])
        Self.apply(limited, .announced(index: 6, Snapshots.link("late", .tap)))
        #expect(try Int(#require(lines("vexport_series_refused", in: limited)[0].split(separator: " ").last))! > 0)
    }

    @Test("the page's part of it stays the same between two readings")
    func unchanged() {
        read([4: Self.port])
        let (first, second) = (frame(), frame())
        read([4: Self.port])
        let third = frame()
        func part(_ frame: TickFrame, since earlier: TickFrame) -> Bool {
            let exposition = TextExposition(frame: frame, others: SampleSink(), format: .text)
            return exposition.unchangedParts(since: earlier)[exposition.partCount - 2]
        }
        #expect(part(second, since: first) && !part(third, since: second))
    }

    @Test("an explanation names some of the addresses behind a port")
    func explanation() throws {
        read([4: Self.port])
        nonisolated(unsafe) var text = ""
        pipeline.performAndWait { text = $0.explain(device: "port0", namespace: nil)?.text ?? "" }
        #expect(
            text.contains(
                "br0 knows 10 addresses behind it: 02:00:00:00:00:01, 02:00:00:00:00:02, 02:00:00:00:00:03, "
                    + "02:00:00:00:00:04, 02:00:00:00:00:05, 02:00:00:00:00:06, 02:00:00:00:00:07, 02:00:00:00:00:08, ... "
                    + "[RTM_GETNEIGH, AF_BRIDGE]"))
    }

    @Test("a snapshot tells of it, and when it was read")
    func snapshot() throws {
        read([4: Self.port])
        let frame = frame()
        let snapshot = Snapshot(frame: frame, previous: nil, host: "h", madeBy: "m", isFromDaemon: true)
        let port = try #require(snapshot.links[1].bridgePort)
        #expect((port.learnedEntries, port.staticEntries, port.addresses?.count) == (9, 1, 8))
        #expect(port.counters?["receive_topology_changes"] == 5 && port.counters?["multicast_receive_bytes"] == 26)
        #expect(snapshot.bridgesTime == Self.moment.timestamp)
        #expect(snapshot.links[2].bridgePort == nil)
    }

    @Test("only namespaces with bridges are looked at")
    func namespaces() {
        let pipeline = Pipeline()
        func ids() -> [NamespaceID] {
            nonisolated(unsafe) var result: [NamespaceID] = []
            pipeline.performAndWait { result = $0.namespacesWithBridges().map(\.id) }
            return result
        }
        #expect(ids() == [])
        Self.apply(
            pipeline, .allFollowed(own: NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)),
            .namespaceSighted(NamespaceSighting(file: NamespaceFile(device: 4, inode: 5), nsid: 5)),
            .dump((2, Snapshots.link("tap0", .tap))), .dump(in: 5, (2, Snapshots.link("br0", .bridge))))
        #expect(ids() == [NamespaceID(number: 1)])
    }
}
