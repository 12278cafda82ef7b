@testable import VexportCore

/// Frames and pages made from link states, by way of a real pipeline.
enum Page {
    static let moment = Moment(timestamp: Timestamp(nanoseconds: 1_795_496_005_250_000_000), instant: .now)

    /// A veth pair, a tap, a bridge with a port, and a container's veth.
    static var examples: [(Int32, LinkState)] {
        var tap = LinkState(name: "tap0", kind: .tap)
        tap.address = HardwareAddress([0x52, 0x54, 0, 0, 0, 2])
        tap.tun = .init()
        tap.tun?.owner = 107
        tap.tun?.persistent = true
        tap.tun?.multiQueue = true
        tap.tun?.queues = 2
        tap.tun?.disabledQueues = 0
        tap.carrier = .init(isUp: false, changes: 2, ups: 1, downs: 1)
        tap.operstate = OperationalState.down.rawValue
        var bridge = LinkState(name: "br0", kind: .bridge)
        bridge.flags = .up
        bridge.bridge = .init()
        bridge.bridge?.stp = 1
        bridge.bridge?.forwardDelay = .seconds(15)
        bridge.bridge?.helloTime = .milliseconds(2500)
        bridge.bridge?.countsMulticast = true
        bridge.bridge?.countsVLANs = true
        bridge.bridge?.vlanFiltering = true
        bridge.bridge?.bridgeID = HardwareAddress.bridgeID([0x80, 0, 0x52, 0x54, 0, 0, 0, 3])
        var near = LinkState(name: "veth0", kind: .veth)
        near.lowerLink = .init(index: 5)
        near.masterIndex = 3
        near.mtu = 1500
        near.flags = .up
        near.alias = #"the "left" end"#
        near.bridgePort = .init()
        near.bridgePort?.state = 3
        near.bridgePort?.cost = 2
        var far = LinkState(name: "veth1", kind: .veth)
        far.lowerLink = .init(index: 4)
        var container = LinkState(name: "vethc", kind: .veth)
        container.lowerLink = .init(index: 2, namespaceID: 7)
        return [(2, tap), (3, bridge), (4, near), (5, far), (6, container)]
    }

    /// The namespace that the container's veth leads into: its far end, and a tap.
    static var otherNamespace: [LinkChange] {
        var far = LinkState(name: "eth0", kind: .veth)
        far.lowerLink = .init(index: 6, namespaceID: 0)
        var tap = LinkState(name: "tap0", kind: .tap)
        tap.flags = .up
        tap.tun = .init()
        let own = NamespaceSighting(file: ownFile, nsid: 0)
        let other = NamespaceSighting(file: otherFile, nsid: 7, name: "bl\"ue")
        return [
            .allFollowed(own: own), .namespaceSighted(other),
            .dump(in: 7, (1, LinkState(name: "lo", kind: .loopback)), (2, far), (3, tap)),
        ]
    }

    /// Who holds the tap, and who lives in the other namespace.
    static var owners: Owners {
        var machine = Workload(.vm, name: "instance-0000002a".utf8, runtime: .libvirt)
        machine.id = "629b29b9-b0fb-4766-b27d-f4a686d5cbda"
        machine.instance = Workload.text(#"the "web" \ shop"#.utf8)
        machine.project = "tenant-a"
        machine.flavor = "m1.small"
        var owners = Owners()
        owners.own = ownFile
        owners.taps = [.init(device: "tap0", namespace: ownFile, isCertain: true): machine]
        owners.namespaces = [
            otherFile: .init(workload: Workload(.container, name: "0123456789ab".utf8, runtime: .docker), thread: 7)
        ]
        return owners
    }

    private static let ownFile = NamespaceFile(device: 4, inode: 4_026_531_833)
    private static let otherFile = NamespaceFile(device: 4, inode: 4_026_532_182)

    static func many(_ count: Int) -> [(Int32, LinkState)] {
        (0..<count).map { (Int32(1000 + $0), LinkState(name: "v\($0)", kind: .veth)) }
    }

    /// A frame of these links, and `others` in other namespaces. Every counter of a link has its index's value, or `value`
    /// of its place.
    static func frame(
        _ states: [(Int32, LinkState)], _ exposure: Exposure, counters: Int = 25,
        without missing: Int32? = nil, others: [LinkChange] = [], owners: Owners = Owners(),
        value: (@Sendable (Int) -> UInt64)? = nil
    ) throws -> TickFrame {
        let pipeline = Pipeline(exposure)
        pipeline.performAndWait { pipeline in
            _ = pipeline.apply([.dumped(states)] + others, at: moment.timestamp)
            pipeline.enrich(.owners(owners))
            var samples = TickSamples()
            samples.moment = moment
            samples.duration = .milliseconds(2)
            for (index, _) in states where index != missing {
                let row = (0..<counters).map { value?($0) ?? UInt64(index) }
                samples.append(index: index, row: row.span.bytes)
            }
            pipeline.ingestBridges(
                [LinkPlace(.own, 3): BridgeReadingTests.bridge, LinkPlace(.own, 4): BridgeReadingTests.port], at: moment
            )
            pipeline.ingest(samples, scheduled: true)
        }
        return pipeline.frames.latest!
    }

    static func render(
        _ frame: TickFrame, _ format: ExpositionFormat = .text, pieceSize: Int = 256 << 10
    ) -> String {
        var sink = SampleSink()
        FrameMetrics.collect(frame, now: frame.moment.instant + .milliseconds(125), into: &sink)
        var exposition = TextExposition(frame: frame, others: sink, format: format)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 1)
        defer { memory.deallocate() }
        var page: [UInt8] = []
        while true {
            let count = exposition.render(into: memory)
            if count == 0 { return String(decoding: page, as: UTF8.self) }
            page.append(contentsOf: memory[..<count])
        }
    }
}

extension LinkChange {
    static func dump(in nsid: NSID? = nil, _ links: (Int32, LinkState)...) -> LinkChange { .dumped(in: nsid, links) }
}
