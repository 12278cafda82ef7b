import TestSupport
import Testing

@testable import Netlink

@Suite struct LinkMessageTests {
    func decode(_ name: String, _ index: Int = 0) throws -> LinkMessage {
        let fixture = try Fixture(name)
        return try LinkMessage(decoding: fixture.payload(index).span.bytes, type: fixture.type(index))
    }

    @Test("a veth knows its peer's index")
    func veth() throws {
        let message = try decode("link-veth")
        #expect(message.kind == "veth")
        #expect(message.name == Array("veth0".utf8))
        #expect(message.lowerIndex == 11)
        #expect(message.lowerNamespaceID == nil)
        #expect(message.address == [0x52, 0x54, 0, 0, 0, 0x10])
    }

    @Test("a veth whose peer is elsewhere names the peer's namespace")
    func remoteVeth() throws {
        #expect(try decode("link-veth-remote").lowerNamespaceID != nil)
    }

    @Test("a multi-queue tap tells its queues")
    func tap() throws {
        let tun = try #require(try decode("link-tap-multiqueue").tun)
        #expect(tun.type == 2)
        #expect(tun.multiQueue == true)
        #expect(tun.queues == 2)
        #expect(tun.disabledQueues == 0)
        #expect(tun.group == 1001)
    }

    @Test("a bridge port has its data from the port's side")
    func bridgePort() throws {
        let message = try decode("link-bridge-port")
        #expect(message.portKind == "bridge")
        let port = try #require(message.bridgePort)
        #expect((port.state, port.cost, port.hairpin, port.isolated, port.learning) == (1, 7, true, true, false))
    }

    @Test("bytes that are no text stay as the kernel has them")
    func hostileName() throws {
        let message = try decode("link-hostile-name")
        #expect(message.name == [0x68, 0xff, 0x22, 0x5c, 0x1b, 0x5b, 0x31, 0x6d])
        #expect(message.alternativeNames == [[0x6e, 0xfd, 0x22, 0x5c, 0x1b]])
    }

    @Test("enslaving: the link's own messages carry a stale port state, the bridge's the true one")
    func enslave() throws {
        let fixture = try Fixture("event-enslave")
        let messages = try fixture.messages.indices.map { try decode("event-enslave", $0) }
        #expect(messages.filter { $0.subject == .link && $0.index == 10 }.allSatisfy { $0.bridgePort?.state == 0 })
        #expect(messages.filter { $0.subject == .bridgePort }.allSatisfy { $0.bridgePort?.state == 3 })
    }

    @Test("a release has a DELLINK that is not the link's end")
    func release() throws {
        let fixture = try Fixture("event-release")
        let messages = try fixture.messages.indices.map { try decode("event-release", $0) }
        #expect(messages.contains { $0.subject == .bridgePort && $0.isDeletion })
        #expect(!messages.contains { $0.subject == .link && $0.isDeletion })
    }

    @Test("a move says where to")
    func move() throws {
        let fixture = try Fixture("event-move")
        let moved = try fixture.messages.indices.filter { fixture.type($0) == 17 }.map { try decode("event-move", $0) }
        #expect(moved.contains { $0.isDeletion && $0.newNamespaceID != nil && $0.newIndex != nil })
    }

    @Test(
        "every message cut at any byte throws or decodes, and never traps",
        arguments: [
            "link-veth", "link-tap-multiqueue", "link-bridge", "link-bridge-port", "link-hostile-name", "event-enslave",
        ])
    func truncated(_ name: String) throws {
        let fixture = try Fixture(name)
        let payload = fixture.payload()
        for count in payload.indices {
            _ = try? LinkMessage(decoding: Array(payload.prefix(count)).span.bytes, type: 16)
        }
        #expect(throws: DecodeError.self) { try LinkMessage(decoding: Array(payload.prefix(15)).span.bytes, type: 16) }
    }

    @Test("every message with any bytes changed throws or decodes, and never traps")
    func mutated() throws {
        let seed: UInt64 = 42
        var random = SeededGenerator(seed: seed)
        for name in ["link-veth", "link-tap-multiqueue", "link-bridge", "link-bridge-port"] {
            let payload = try Fixture(name).payload()
            for _ in 0..<5_000 {
                var bytes = payload
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                _ = try? LinkMessage(decoding: bytes.span.bytes, type: 16)
            }
        }
    }

    @Test(
        "hostile lengths say where they are",
        arguments: [
            ([3, 0, 3, 0], "attribute 3 at offset 0 claims 3 bytes of 4"),
            ([8, 0, 3, 0], "attribute 3 at offset 0 claims 8 bytes of 4"),
            ([5, 0, 0x10, 0, 1], "link 7 without IFLA_IFNAME"),
            ([4, 0, 33, 0], "attribute 33 has 0 bytes where 1 are needed"),
            ([1], "1 stray bytes after the last attribute at offset 0"),
            ([0xff, 0xff, 3, 0, 1], "attribute 3 at offset 0 claims 65535 bytes of 5"),
        ] as [([UInt8], String)])
    func hostileLengths(_ attributes: [UInt8], _ complaint: String) {
        let header: [UInt8] = [0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(throws: DecodeError(complaint)) {
            try LinkMessage(decoding: (header + attributes).span.bytes, type: 16)
        }
    }

    @Test("names longer than the kernel's limit are refused")
    func longName() {
        let header: [UInt8] = [0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let name: [UInt8] = [4 + 20, 0, 3, 0] + [UInt8](repeating: 0x61, count: 20)
        #expect(throws: DecodeError.self) { try LinkMessage(decoding: (header + name).span.bytes, type: 16) }
    }
}
