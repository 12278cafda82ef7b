import TestSupport

@testable import Netlink

/// Payloads of what findings ask the kernel for: addresses, routes, what a bridge learned, links, packet sockets. The input's
/// first byte says which.
enum UseTarget: FuzzTarget {
    static func seeds() throws -> [[UInt8]] {
        let fixtures = [
            ["uses-addresses"], ["uses-routes", "uses-routes-6"], ["uses-forwarding"], [], ["uses-packet-sockets"],
        ]
        var seeds = try recordedMessages().filter { $0[4] == 16 }.map { [3] + $0.dropFirst(16) }
        for (decoder, names) in fixtures.enumerated() {
            let messages = try names.flatMap { try Fixture($0).messages }.filter { $0[4] != 3 }
            seeds += messages.map { [UInt8(decoder)] + $0.dropFirst(16) }
        }
        return seeds
    }

    static func run(_ input: [UInt8]) {
        guard let decoder = input.first else { return }
        let payload = Array(input.dropFirst())
        let bytes = payload.span.bytes
        switch decoder % 5 {
        case 0:
            guard let message = try? AddressMessage(decoding: bytes) else { return }
            require(message.address.count <= payload.count - 8, "an address out of nothing")
        case 1:
            guard let message = try? RouteMessage(decoding: bytes) else { return }
            require(message.outputs.count <= (payload.count - 12) / 8, "outputs out of nothing")
        case 2:
            guard let message = try? ForwardingMessage(decoding: bytes) else { return }
            require(message.address.count <= payload.count - 12, "an address out of nothing")
        case 3: _ = try? LinkUseMessage(decoding: bytes)
        default:
            guard let message = try? PacketSocketMessage(decoding: bytes) else { return }
            require(message.index == nil || payload.count >= 24, "a link out of nothing")
        }
    }
}
