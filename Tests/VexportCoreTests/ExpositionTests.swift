import TestSupport
import Testing

@testable import VexportCore

@Suite struct ExpositionTests {
    @Test(
        "the page of a veth, a machine's tap, a bridge with a port, and a container's namespace",
        arguments: [(.text, "veth-tap-bridge.prom"), (.openMetrics, "veth-tap-bridge.om")]
            as [(ExpositionFormat, String)])
    func golden(_ format: ExpositionFormat, _ file: String) throws {
        let frame = try Page.frame(
            Page.examples, Exposure(detail: .full), others: Page.otherNamespace, owners: Page.owners)
        let page = Page.render(frame, format)
        let difference = try Golden.difference(page, to: file)
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("pieces of any size make the same page")
    func pieces() throws {
        let frame = try Page.frame(Page.many(3_000), Exposure(detail: .full))
        let whole = Page.render(frame, pieceSize: 64 << 20)
        #expect(Page.render(frame, pieceSize: TextExposition.smallestBuffer) == whole)
        #expect(Page.render(frame, pieceSize: 100_003) == whole)
    }

    @Test("both formats hold the same series, and only OpenMetrics has an end")
    func formats() throws {
        let frame = try Page.frame(Page.examples + Page.many(500), Exposure(detail: .full))
        func series(_ page: String) -> [Substring] { page.split(separator: "\n").filter { !$0.hasPrefix("#") } }
        let (text, openMetrics) = (Page.render(frame), Page.render(frame, .openMetrics))
        #expect(series(text) == series(openMetrics))
        #expect(openMetrics.hasSuffix("\n# EOF\n") && !text.contains("# EOF"))
    }

    @Test("counters end in _total and infos in _info, which OpenMetrics leaves out of the family's name")
    func suffixes() {
        for metric in LinkMetrics.all.map(\.metric) {
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            #expect((metric.kind == .info) == metric.name.hasSuffix("_info"), "\(metric.name)")
        }
        let header = { String(decoding: ExpositionFormat.openMetrics.header(of: $0), as: UTF8.self) }
        #expect(
            header(Metric(.counter, "a_seconds_total", #"the "x" \ y"#, source: ""))
                == "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds the \\\"x\\\" \\\\ y\n")
        #expect(header(Metric(.info, "a_info", "b", source: "")) == "# TYPE a info\n# HELP a b\n")
    }

    @Test("no series appears twice, and each family stands in one place")
    func unique() throws {
        var states = Page.examples + Page.many(500)
        states.append((900, LinkState(name: #"quote"back\\slash"#, kind: .physical)))
        let page = Page.render(try Page.frame(states, Exposure(detail: .full)))
        var series: Set<Substring> = []
        var families: Set<Substring> = []
        var family: Substring = ""
        for line in page.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                family = line.split(separator: " ")[2]
                #expect(families.insert(family).inserted, "\(family) twice")
            } else if !line.hasPrefix("#") {
                let end = line.lastIndex(of: " ")!
                #expect(series.insert(line[..<end]).inserted, "\(line) twice")
                #expect(line.hasPrefix(family))
            }
        }
        #expect(series.count > 15_000)
    }

    @Test("a counter that the kernel does not report is absent, not 0")
    func shortStruct() throws {
        let page = Page.render(try Page.frame(Page.examples, Exposure(detail: .full), counters: 24))
        #expect(page.contains("vexport_link_receive_nohandler_packets_total{"))
        #expect(!page.contains("vexport_link_receive_otherhost_dropped_packets_total"))
    }

    @Test("a link without counters in this tick shows its state only")
    func missingRow() throws {
        let page = Page.render(try Page.frame(Page.examples, Exposure(detail: .basic), without: 2))
        #expect(!page.contains(#"vexport_link_receive_bytes_total{device="tap0"}"#))
        #expect(page.contains(#"vexport_link_carrier{device="tap0"} 0"#))
    }

    @Test("basic leaves the details out, but for physical links")
    func detail() throws {
        let page = Page.render(
            try Page.frame([(1, LinkState(name: "eth0", kind: .physical))] + Page.examples, Exposure(detail: .basic)))
        let lines = page.split(separator: "\n").filter { $0.hasPrefix("vexport_link_transmit_collisions_total{") }
        #expect(lines == [#"vexport_link_transmit_collisions_total{device="eth0"} 1"#])
    }

    @Test("quotes, backslashes and line ends in labels are escaped")
    func labels() {
        let block = TextFormat.block([Label("a", "x\"y\\z\nw"), Label("b", "")])
        #expect(String(decoding: block, as: UTF8.self) == #"{a="x\"y\\z\nw",b=""} "#)
    }

    @Test(
        "numbers as the format spells them",
        arguments: [
            (0, "0"), (-1.5, "-1.5"), (1e16, "1e+16"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
            (0.25, "0.25"),
            (123_456_789_012_345, "123456789012345"),
        ] as [(Double, String)])
    func numbers(_ value: Double, _ text: String) {
        #expect(TextFormat.number(value) == text)
    }

    @Test("integers of every length", arguments: [0, 7, 10, 99, 100, 12_345, 999_999, UInt64.max])
    func integers(_ value: UInt64) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { memory.deallocate() }
        var writer = LineWriter(memory)
        writer.append(value)
        #expect(String(decoding: memory[..<writer.count], as: UTF8.self) == String(value))
    }
}
