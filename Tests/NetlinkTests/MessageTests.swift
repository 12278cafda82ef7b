import TestSupport
import Testing

@testable import Netlink

@Suite struct MessageTests {
    @Test("counters come out of a stats dump by link")
    func stats() throws {
        let fixture = try Fixture("stats-dump")
        var rows: [Int32: Int] = [:]
        for index in fixture.messages.indices where fixture.type(index) == 92 {
            let payload = fixture.payload(index)
            let message = try StatsMessage(decoding: payload.span.bytes)
            rows[message.index] = message.counters.byteCount
        }
        #expect(rows == [1: 200, 10: 200, 11: 200, 20: 200, 30: 200])
    }

    @Test("a stats message without counters has none")
    func emptyStats() throws {
        let header: [UInt8] = [0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0]
        let message = try StatsMessage(decoding: header.span.bytes)
        #expect(message.index == 7)
        #expect(message.counters.byteCount == 0)
    }

    @Test(
        "counters are found among other attributes as well as alone",
        arguments: [(false, false), (true, false), (false, true), (true, true)])
    func neighbours(before: Bool, after: Bool) throws {
        let header: [UInt8] = [0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0]
        let counters: [UInt8] = [20, 0, 1, 0] + (1...16).map(UInt8.init)  // IFLA_STATS_LINK_64
        let other: [UInt8] = [8, 0, 4, 0, 9, 9, 9, 9]
        let payload = header + (before ? other : []) + counters + (after ? other : [])
        let message = try StatsMessage(decoding: payload.span.bytes)
        #expect(message.index == 7)
        #expect(message.counters.copy() == (1...16).map(UInt8.init))
    }

    @Test("counters of an odd length are refused, alone and among others", arguments: [false, true])
    func oddStats(alone: Bool) throws {
        let header: [UInt8] = [0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0]
        let payload = header + [16, 0, 1, 0] + [UInt8](repeating: 1, count: 12) + (alone ? [] : [4, 0, 4, 0])
        #expect(throws: DecodeError.self) { _ = try StatsMessage(decoding: payload.span.bytes).index }
    }

    @Test("a stats message cut at any byte throws or decodes")
    func truncatedStats() throws {
        let payload = try Fixture("stats-dump").payload()
        for count in payload.indices { _ = try? StatsMessage(decoding: Array(payload.prefix(count)).span.bytes) }
        #expect(throws: DecodeError.self) { _ = try StatsMessage(decoding: Array(payload.prefix(11)).span.bytes).index }
    }

    @Test("the kernel's no comes with its reason")
    func errors() throws {
        func verdict(_ name: String) throws -> (Int32, String?) {
            let datagram = try Fixture(name).messages[0]
            var result: (Int32, String?)?
            try Message.forEach(in: datagram.span.bytes, operation: "test") { (message) throws(NetlinkError) in
                result = try? message.verdict()
                return true
            }
            return try #require(result)
        }
        #expect(try verdict("error-enodev").0 == 19)
        let (errno, text) = try verdict("error-extack")
        #expect(errno == 22)
        #expect(text == "Filter by device index not supported for link dumps")
    }

    @Test(
        "datagrams with hostile headers are refused with their place",
        arguments: [
            ([0, 0, 0, 0] + [UInt8](repeating: 0, count: 12), "message at offset 0 claims 0 bytes of 16"),
            ([15, 0, 0, 0] + [UInt8](repeating: 0, count: 12), "message at offset 0 claims 15 bytes of 16"),
            ([17, 0, 0, 0] + [UInt8](repeating: 0, count: 12), "message at offset 0 claims 17 bytes of 16"),
            (
                [0xff, 0xff, 0xff, 0xff] + [UInt8](repeating: 0, count: 12),
                "message at offset 0 claims 4294967295 bytes of 16"
            ),
            ([1, 2, 3], "3 stray bytes at offset 0"),
        ] as [([UInt8], String)])
    func hostileHeaders(_ datagram: [UInt8], _ complaint: String) {
        #expect(throws: NetlinkError("test", .malformed(complaint))) {
            try Message.forEach(in: datagram.span.bytes, operation: "test") { (_) throws(NetlinkError) in true }
        }
    }

    @Test("an error that echoes a request of any length throws or decodes")
    func hostileEcho() throws {
        for echoed in [0, 3, 16, 4000, UInt32.max - 3, .max] {
            var bytes = [UInt8](repeating: 0, count: 40)
            bytes[0] = 40
            bytes[4] = 2  // NLMSG_ERROR
            bytes[7] = 2  // NLM_F_ACK_TLVS
            withUnsafeBytes(of: echoed) { bytes.replaceSubrange(20..<24, with: $0) }
            try Message.forEach(in: bytes.span.bytes, operation: "test") { (message) throws(NetlinkError) in
                _ = try? message.verdict()
                return true
            }
        }
    }

    @Test("counters are found in a link's message wherever they lie in it, and their length is checked")
    func linkCounters() throws {
        let counters = (1...25).flatMap { Wire.bytes(UInt64($0)) }
        let link = Wire.link(7, "a", more: Wire.attribute(7, [1, 2, 3]) + Wire.attribute(23, counters))
        let message = try StatsMessage(decodingLink: link.span.bytes)
        #expect(message.index == 7)
        #expect(try message.counters.load(8, as: UInt64.self) == 2)
        #expect(message.counters.byteCount == 200)
        #expect(try StatsMessage(decodingLink: Wire.link(7, "a").span.bytes).counters.byteCount == 0)
        for bad in [Wire.link(0, "a"), Array(link.prefix(12)), Wire.link(7, "a", more: Wire.attribute(23, [1, 2, 3]))] {
            #expect(throws: DecodeError.self) { _ = try StatsMessage(decodingLink: bad.span.bytes) }
        }
    }
}
