import Testing

@testable import VexportCore

@Suite struct NodeExporterMetricsTests {
    func page(_ state: LinkState, counters: Int = 25) throws -> [String] {
        // One bit a counter: a sum shows what it is made of.
        let frame = try Page.frame([(7, state)], Exposure(detail: .basic, showsNodeExporter: true), counters: counters)
        {
            1 << UInt64($0)
        }
        return Page.render(frame).split(separator: "\n").map(String.init).filter { $0.hasPrefix("node_network_") }
    }

    func counter(_ name: String, _ counters: LinkCounter...) -> String {
        "node_network_\(name)_total{device=\"a\"} \(counters.reduce(0) { $0 | UInt64(1) << UInt64($1.rawValue) })"
    }

    @Test("counters are summed as /proc/net/dev sums them")
    func sums() throws {
        let lines = try page(LinkState(name: "a", kind: .physical)).filter { $0.contains("_total{") }
        #expect(
            lines == [
                counter("receive_bytes", .receiveBytes), counter("receive_packets", .receivePackets),
                counter("receive_errs", .receiveErrors), counter("receive_drop", .receiveDropped, .receiveMissedErrors),
                counter("receive_fifo", .receiveFIFOErrors),
                counter(
                    "receive_frame", .receiveFrameErrors, .receiveLengthErrors, .receiveOverErrors, .receiveCRCErrors),
                counter("receive_compressed", .receiveCompressed), counter("receive_multicast", .multicast),
                counter("receive_nohandler", .receiveNoHandler),
                counter("transmit_bytes", .transmitBytes), counter("transmit_packets", .transmitPackets),
                counter("transmit_errs", .transmitErrors), counter("transmit_drop", .transmitDropped),
                counter("transmit_fifo", .transmitFIFOErrors), counter("transmit_colls", .collisions),
                counter(
                    "transmit_carrier", .transmitCarrierErrors, .transmitAbortedErrors, .transmitHeartbeatErrors,
                    .transmitWindowErrors), counter("transmit_compressed", .transmitCompressed),
            ])
    }

    @Test("a counter that the kernel does not report is absent, and so is a sum of which a part is missing")
    func shortStruct() throws {
        let lines = try page(LinkState(name: "a", kind: .physical), counters: 15)
        #expect(lines.contains(counter("receive_fifo", .receiveFIFOErrors)))
        #expect(!lines.contains { $0.contains("receive_drop") || $0.contains("receive_nohandler") })
    }

    @Test("sysfs hides carrier, dormancy, speed and duplex of a link that is down")
    func down() throws {
        var state = LinkState(name: "a", kind: .veth)
        state.carrier = .init(isUp: true)
        state.speed = .init(megabits: 10_000, duplex: .full)
        let hidden = ["carrier{", "dormant{", "speed_bytes{", "duplex="]
        let down = try page(state)
        #expect(down.filter { line in hidden.contains { line.contains($0) } } == [])
        #expect(down.contains { $0.contains(#"adminstate="down""#) })
        state.flags = .up
        let up = try page(state)
        #expect(hidden.allSatisfy { part in up.contains { $0.contains(part) } })
        #expect(up.contains(#"node_network_speed_bytes{device="a"} 1250000000"#))
        #expect(up.contains { $0.contains(#"duplex="full",adminstate="up""#) })
    }

    @Test("a speed that the driver does not know is what node_exporter makes of -1")
    func unknownSpeed() throws {
        var state = LinkState(name: "a", kind: .physical)
        state.flags = .up
        state.speed = .init(megabits: nil, duplex: .unknown)
        let lines = try page(state)
        #expect(lines.contains(#"node_network_speed_bytes{device="a"} -125000"#))
        #expect(lines.contains { $0.contains(#"duplex="unknown""#) })
    }

    @Test("flags are the device's own, which count promiscuity and do not tell the operational state")
    func flags() throws {
        var state = LinkState(name: "a", kind: .veth)
        state.flags = [.up, .running, .lowerUp, .dormant]
        #expect(try page(state).contains(#"node_network_flags{device="a"} 1"#))
        state.promiscuity = 1
        state.allMulticast = 2
        #expect(try page(state).contains(#"node_network_flags{device="a"} 769"#))
    }

    @Test("a link that stands on no other is its own iface_link, but a tunnel that might is on 0")
    func lowerLink() throws {
        var state = LinkState(name: "a", kind: .physical)
        func value() throws -> String? { try page(state).first { $0.contains("iface_link{") } }
        #expect(try value() == #"node_network_iface_link{device="a"} 7"#)
        state.standsOnNone = true
        #expect(try value() == #"node_network_iface_link{device="a"} 0"#)
        state.lowerLink = .init(index: 3)
        #expect(try value() == #"node_network_iface_link{device="a"} 3"#)
    }

    @Test("the other rows stay as they are, and no name is used twice")
    func beside() throws {
        let own = Page.render(try Page.frame(Page.examples, Exposure(detail: .full)))
        let both = Page.render(try Page.frame(Page.examples, Exposure(detail: .full, showsNodeExporter: true)))
        let rest = both.split(separator: "\n").filter { !$0.contains("node_network_") }
        #expect(rest == own.split(separator: "\n"))
        let names = (LinkMetrics.all + NodeExporterMetrics.all).map(\.metric.name)
        #expect(Set(names).count == names.count)
    }
}
