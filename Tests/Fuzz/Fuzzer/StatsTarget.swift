import TestSupport
import VexportCore

@testable import LinkCollector
@testable import Netlink
@testable import VexportCore

/// The payload of an RTM_NEWSTATS message, of links or of bridges.
enum StatsTarget: FuzzTarget {
    static func seeds() throws -> [[UInt8]] {
        try recordedMessages().filter { $0[4] == 92 }.map { Array($0.dropFirst(16)) }
    }

    static func run(_ input: [UInt8]) {
        let bytes = input.span.bytes
        if let statistics = try? BridgeStatsMessage(decoding: bytes) {
            var reading = BridgeReading()
            reading.add(statistics)
            require(reading.vlans.count * 40 <= input.count, "VLANs out of nothing")
            require(BridgeMetrics.all.allSatisfy { $0.series(reading).count < input.count }, "series out of nothing")
        }
        guard let message = try? StatsMessage(decoding: bytes) else { return }
        require(message.index > 0, "index \(message.index)")
        require(
            message.counters.byteCount % 8 == 0 && message.counters.byteCount < input.count, "counters out of nothing")
        var samples = TickSamples()
        samples.append(index: message.index, row: message.counters)
        samples.append(index: 1, row: message.counters)
        Page.check([.dumped([(message.index, LinkState(name: "a", kind: .veth))])], samples)
    }
}
