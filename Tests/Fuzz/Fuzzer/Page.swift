import Foundation
import VexportCore

@testable import LinkCollector
@testable import Netlink
@testable import VexportCore

/// A page as scrapes get it, checked line by line.
enum Page {
    private static let end = Metric(.gauge, "vexport_fuzz_end", "The end.", source: "vexport-fuzz")

    /// Applies changes to an inventory of its own, renders the page and checks that it is well-formed.
    ///
    /// - Parameter samples: a tick's counters.
    static func check(_ changes: [LinkChange], _ samples: borrowing TickSamples = TickSamples()) {
        let pipeline = Pipeline(Exposure(detail: .full))
        pipeline.performAndWait { pipeline in
            _ = pipeline.apply(changes, at: Timestamp(nanoseconds: 0))
            pipeline.ingest(samples, scheduled: true)
        }
        check(pipeline.frames.latest!)
    }

    /// Renders a tick's page and checks that it is well-formed.
    static func check(_ frame: TickFrame) {
        var sink = SampleSink()
        sink.add(end, 1)
        var exposition = TextExposition(frame: frame, others: sink, format: .text)
        var page: [UInt8] = []
        withUnsafeTemporaryAllocation(byteCount: TextExposition.smallestBuffer, alignment: 16) { buffer in
            while case let count = exposition.render(into: buffer), count > 0 { page += buffer[..<count] }
        }
        guard let text = String(validating: page, as: UTF8.self) else { fatalError("a page that is no UTF-8") }
        require(text.hasSuffix("\nvexport_fuzz_end 1\n"), "a page that ends early: \(text.suffix(200))")
        require(
            page.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x0a }, "a control byte on the page")
        for line in text.utf8.split(separator: 0x0a) {
            require(
                line.starts(with: "vexport_".utf8) || line.starts(with: "# HELP vexport_".utf8)
                    || line.starts(with: "# TYPE vexport_".utf8), "a line of its own: \(Substring(line))")
        }
    }

    /// What holds for every link that was decoded.
    static func check(_ message: LinkMessage, ofBytes count: Int) {
        require(message.index > 0, "index \(message.index)")
        require(message.alternativeNames.count <= count / 4, "names out of nothing")
        let state = LinkState(message)
        let texts = [state.name, state.alias].compactMap { $0 } + state.alternativeNames
        let shown =
            texts.map(\.description)
            + [
                state.kind.name, state.address?.description, state.broadcast?.description, state.bridge?.bridgeID,
            ].compactMap { $0 }
        for text in shown {
            require(text.utf8.count <= 2_000, "a text of \(text.utf8.count) bytes")
            require(isPlain(text), "a control character")
        }
    }
}
