import TestSupport
import Testing

@testable import Netlink

/// What bridges know and count, as a kernel told it.
@Suite struct BridgeMessageTests {
    private func entries() throws -> [ForwardingMessage] {
        let fixture = try Fixture("forwarding-dump")
        return try fixture.messages.indices.filter { fixture.type($0) == 28 }.map {
            try ForwardingMessage(decoding: fixture.payload($0).span.bytes)
        }
    }

    @Test("a dump of forwarding entries tells those of bridges from what links take in by themselves")
    func forwarding() throws {
        let ofBridges = try entries().filter { $0.bridge != nil }
        let port = ofBridges.filter { $0.index == 31 }
        #expect(ofBridges.count == 6)
        #expect(port.allSatisfy { $0.bridge == 30 } && port.map(\.isStatic) == [false, true, false])
        #expect(port.map(\.isLocal) == [false, false, true])
        #expect(port.map { $0.address.last } == [0x10, 0x99, 0x31])
    }

    @Test("ports count the spanning tree, bridges and ports multicast, and other links nothing")
    func statistics() throws {
        let fixture = try Fixture("bridge-stats-dump")
        let all = try fixture.messages.indices.filter { fixture.type($0) == 92 }.map {
            try BridgeStatsMessage(decoding: fixture.payload($0).span.bytes)
        }
        let rows = Dictionary(uniqueKeysWithValues: all.map { ($0.index, $0) })
        #expect(rows[31]?.spanningTree == [2, 1, 0, 3, 0, 0])
        #expect(rows[31]?.multicast.count == 30)
        #expect(rows[30]?.spanningTree == [] && rows[30]?.multicast.count == 30)
        #expect(rows.filter { !$0.value.isEmpty }.keys.sorted() == [30, 31, 35, 36])
    }

    /// Two VLANs, as a bridge with `vlan_stats_enabled` tells of them: this kernel filters none.
    static let vlans: [UInt8] = {
        func vlan(_ id: UInt16, _ counters: [UInt64]) -> [UInt8] {
            Wire.attribute(1, counters.flatMap { Wire.bytes($0) } + Wire.bytes(id) + [0, 0, 0, 0, 0, 0])
        }
        return [0, 0, 0, 0] + Wire.bytes(Int32(30)) + Wire.bytes(UInt32(6))
            + Wire.attribute(2, Wire.attribute(1, vlan(1, [10, 1, 20, 2]) + vlan(4094, [.max, 3, 0, 4])))
    }()

    @Test("counters of VLANs, by their numbers")
    func vlans() throws {
        let message = try BridgeStatsMessage(decoding: Self.vlans.span.bytes)
        #expect(message.index == 30 && message.vlans.map(\.id) == [1, 4094])
        #expect(message.vlans.map(\.receivedBytes) == [10, .max] && message.vlans.map(\.sentPackets) == [2, 4])
    }

    @Test("what a bond counts is not taken for a bridge's")
    func otherKinds() throws {
        let bond = Wire.attribute(3, Wire.attribute(2, Wire.attribute(4, [UInt8](repeating: 1, count: 48))))
        let payload: [UInt8] = [0, 0, 0, 0] + Wire.bytes(Int32(3)) + Wire.bytes(UInt32(6)) + bond
        #expect(try BridgeStatsMessage(decoding: payload.span.bytes).isEmpty)
    }

    @Test("messages cut at any byte throw or decode")
    func truncated() throws {
        let statistics = try Fixture("bridge-stats-dump")
        for payload in statistics.messages.indices.map(statistics.payload) + [Self.vlans] {
            for count in payload.indices {
                _ = try? BridgeStatsMessage(decoding: Array(payload.prefix(count)).span.bytes)
            }
        }
        let forwarding = try Fixture("forwarding-dump").payload(5)
        for count in forwarding.indices {
            _ = try? ForwardingMessage(decoding: Array(forwarding.prefix(count)).span.bytes)
        }
        #expect(throws: DecodeError.self) { try ForwardingMessage(decoding: Array(forwarding.prefix(11)).span.bytes) }
        #expect(throws: DecodeError.self) { try BridgeStatsMessage(decoding: Array(Self.vlans.prefix(11)).span.bytes) }
        #expect(throws: DecodeError.self) { try BridgeStatsMessage(decoding: Array(Self.vlans.dropLast(8)).span.bytes) }
    }
}
