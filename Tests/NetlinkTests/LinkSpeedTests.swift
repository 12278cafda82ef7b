import TestSupport
import Testing

@testable import Netlink

@Suite struct LinkSpeedTests {
    /// What Linux 6.18 answers of a veth.
    static let answer: [UInt8] =
        [4, 1, 0, 0]  // ETHTOOL_MSG_LINKMODES_GET_REPLY
        + [24, 0, 1, 0x80] + [8, 0, 1, 0, 3, 0, 0, 0] + [10, 0, 2, 0] + Array("veth0\0\0\0".utf8)
        + [5, 0, 2, 0, 0, 0, 0, 0]
        // The modes, of which a veth has none.
        + [0x34, 0, 3, 0x80, 8, 0, 2, 0, 0x79, 0, 0, 0] + ([20, 0, 4, 0] + [UInt8](repeating: 0, count: 16))
        + ([20, 0, 5, 0] + [UInt8](repeating: 0, count: 16))
        + [8, 0, 5, 0, 0x10, 0x27, 0, 0] + [5, 0, 6, 0, 1, 0, 0, 0] + [5, 0, 10, 0, 0, 0, 0, 0]

    @Test("speed and duplex of a link, by its index")
    func answer() throws {
        let speed = try LinkSpeed(decoding: Self.answer.span.bytes)
        #expect((speed.index, speed.megabits, speed.duplex) == (3, 10_000, 1))
    }

    @Test("an answer cut off anywhere is an error or lacks what was cut off, and never traps")
    func truncated() throws {
        let whole = try LinkSpeed(decoding: Self.answer.span.bytes)
        for length in 0..<Self.answer.count {
            let bytes = Array(Self.answer.prefix(length))
            guard let speed = try? LinkSpeed(decoding: bytes.span.bytes) else { continue }
            #expect(speed.index == whole.index && (speed == whole || speed.duplex == nil), "\(length) bytes")
        }
        #expect(throws: DecodeError.self) { try LinkSpeed(decoding: [4, 1, 0].span.bytes) }
        #expect(throws: DecodeError.self) { try LinkSpeed(decoding: [4, 1, 0, 0].span.bytes) }
    }
}
