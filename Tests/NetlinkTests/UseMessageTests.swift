import Glibc
import TestSupport
import Testing

@testable import Netlink

/// What findings ask the kernel for, as a kernel said it.
@Suite struct UseMessageTests {
    /// All messages of a dump but its end.
    private func decode<Message>(
        _ name: String, _ decode: (RawSpan) throws -> Message
    ) throws -> [Message] {
        try Fixture(name).messages.filter { $0[4] != 3 }.map { message in
            let payload = Array(message.dropFirst(16))
            return try decode(payload.span.bytes)
        }
    }

    @Test("addresses of both families, with their links")
    func addresses() throws {
        let messages = try decode("uses-addresses") { try AddressMessage(decoding: $0) }.filter { $0.index == 10 }
        #expect(messages.contains { $0.family == UInt8(AF_INET) && $0.address == [192, 0, 2, 1] && $0.scope == 0 })
        #expect(
            messages.contains { $0.family == UInt8(AF_INET6) && $0.address.starts(with: [0x20, 0x01, 0x0d, 0xb8]) })
    }

    @Test("routes say where packets leave, by one hop, by two, or by a next hop object")
    func routes() throws {
        let added = try decode("uses-routes") { try RouteMessage(decoding: $0) }.filter { $0.origin == 3 }
        #expect(added.map(\.outputs) == [[10], [10], [10, 10]])
        #expect(added.map(\.hasNextHopObject) == [true, false, false])
        #expect(try decode("uses-routes-6") { try RouteMessage(decoding: $0) }.contains { $0.outputs == [10] })
    }

    @Test("a bridge's entries say behind which port an address is, and whether it is the port's own")
    func forwarding() throws {
        let entries = try decode("uses-forwarding") { try ForwardingMessage(decoding: $0) }
        #expect(
            entries.contains { $0.index == 31 && $0.address == [0x52, 0x54, 0, 0, 0, 0x99] && $0.state & 0x80 == 0 })
        #expect(
            entries.contains { $0.index == 31 && $0.address == [0x52, 0x54, 0, 0, 0, 0x31] && $0.state & 0x80 != 0 })
    }

    @Test("a packet socket says which link it is bound to")
    func packetSockets() throws {
        #expect(try decode("uses-packet-sockets") { try PacketSocketMessage(decoding: $0) }.map(\.index) == [11])
    }

    @Test("nothing is made of what is cut short", arguments: 0..<8)
    func short(count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        #expect(throws: DecodeError.self) { _ = try RouteMessage(decoding: bytes.span.bytes) }
        #expect(throws: DecodeError.self) { _ = try AddressMessage(decoding: bytes.span.bytes) }
        #expect(throws: DecodeError.self) { _ = try ForwardingMessage(decoding: bytes.span.bytes) }
        #expect(throws: DecodeError.self) { _ = try PacketSocketMessage(decoding: bytes.span.bytes) }
    }
}
