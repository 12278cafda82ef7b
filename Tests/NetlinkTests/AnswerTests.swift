import Glibc
import TestSupport
import Testing

@testable import Netlink

/// What becomes of answers that a kernel gives only under loss, or never.
@Suite struct AnswerTests {
    func socket(_ kernel: FakeKernel) throws -> NetlinkSocket {
        try NetlinkSocket(adopting: kernel.requestSocket(), receive: kernel.receiveAnswer)
    }

    func outcome(_ request: (inout [String]) throws(NetlinkError) -> NetlinkSocket.Dump) -> AnswerCase.Outcome {
        var names: [String] = []
        do throws(NetlinkError) {
            return try request(&names) == .torn ? .torn(names) : .names(names)
        } catch {
            if case .malformed = error.cause { return .malformed }
            #expect(error.sequence != nil)
            return .failure(error.cause, error.extendedAck)
        }
    }

    func dump(_ socket: NetlinkSocket) -> AnswerCase.Outcome {
        outcome { names throws(NetlinkError) in
            try socket.dumpLinks { names.append(String(decoding: $0.name, as: UTF8.self)) }
        }
    }

    @Test(
        "every answer to a dump ends with its links or a typed error, and the next dump is not disturbed",
        arguments: AnswerCase.dumps)
    func dumps(_ example: AnswerCase) throws {
        let kernel = try FakeKernel()
        kernel.links = [9: Wire.link(9, "next")]
        kernel.answer(.links, example.answer)
        let socket = try socket(kernel)
        #expect(dump(socket) == example.outcome)
        #expect(dump(socket) == .names(["next"]))
        #expect(kernel.complaints == [])
    }

    @Test("an answer that never comes, or never ends, is an error")
    func unanswered() throws {
        let kernel = try FakeKernel(patience: .milliseconds(10))
        let answers: [FakeKernel.Answer] = [
            { _ in [] },
            { [.datagram(AnswerCase.a($0))] },
            { [.datagram(AnswerCase.done($0 &+ 1))] },
            { [.datagram(AnswerCase.done($0), from: 4711)] },
        ]
        for answer in answers {
            kernel.answer(.links, answer)
            #expect(try dump(socket(kernel)) == .failure(.unanswered))
        }
    }

    @Test(
        "lengths that lie about a message fail the dump",
        arguments: [0, 1, 15, 0x7fff_ffff, 0x8000_0000, .max] as [UInt32])
    func messageLengths(_ length: UInt32) throws {
        let kernel = try FakeKernel()
        kernel.answer(.links) {
            [.datagram(AnswerCase.a($0), Wire.message(16, flags: 2, sequence: $0, length: length, Wire.link(3, "c")))]
        }
        let socket = try socket(kernel)
        #expect(dump(socket) == .malformed)
        #expect(dump(socket) == .names([]))
    }

    @Test(
        "lengths that lie about an attribute fail the dump, at every depth",
        arguments: [0, 1, 2, 3, 500, 0x7fff, .max] as [UInt16], 0...3)
    func attributeLengths(_ length: UInt16, _ depth: Int) throws {
        let lie = Wire.attribute(1, length: length, [1, 2, 3, 4])
        let nested: [UInt8] =
            switch depth {
            case 0: lie
            case 1: Wire.attribute(18, lie)  // IFLA_LINKINFO
            case 2: Wire.attribute(18, Wire.attribute(1, Array("tun".utf8)) + Wire.attribute(2, lie))
            default: Wire.attribute(18, Wire.attribute(4, Array("bridge".utf8)) + Wire.attribute(5, lie))
            }
        let kernel = try FakeKernel()
        kernel.answer(.links, AnswerCase.among(Wire.link(3, "c", more: nested)))
        let socket = try socket(kernel)
        #expect(dump(socket) == .malformed)
        #expect(dump(socket) == .names([]))
    }

    @Test("attributes nested without end are walked as deep as vexport knows, and no deeper")
    func nesting() throws {
        for type in [18, 26, 0x801a, 52, 12] as [UInt16] {  // LINKINFO, AF_SPEC (and flagged), PROP_LIST, PROTINFO
            var bytes: [UInt8] = []
            while bytes.count < 30_000 { bytes = Wire.attribute(type, bytes) }
            let kernel = try FakeKernel()
            kernel.answer(.links, AnswerCase.among(Wire.link(3, "c", more: bytes)))
            #expect(try dump(socket(kernel)) == .names(["a", "c", "b"]))
        }
    }

    @Test("counters longer and shorter than known are what they are", arguments: [0, 1, 23, 24, 25, 40])
    func counters(_ count: Int) throws {
        let kernel = try FakeKernel()
        kernel.answer(.stats) {
            [
                .datagram(
                    Wire.message(
                        Wire.newStats, flags: Wire.multi, sequence: $0,
                        Wire.stats(7, (0..<count).map { UInt64($0) }))), .datagram(AnswerCase.done($0)),
            ]
        }
        var bytes: [Int32: Int] = [:]
        let socket = try socket(kernel)
        let dump = try socket.dumpStats(started: {}) { bytes[$0.index] = $0.counters.byteCount }
        #expect(dump == .complete)
        #expect(bytes == [7: count * 8])
    }

    @Test("a question for one link gets that link, none, or a typed error", arguments: AnswerCase.questions)
    func questions(_ example: AnswerCase) throws {
        let kernel = try FakeKernel()
        kernel.links = [9: Wire.link(9, "next")]
        kernel.answer(.link(3), example.answer)
        let socket = try socket(kernel)
        let result = outcome { names throws(NetlinkError) in
            names = try socket.link(3).map { [String(decoding: $0.name, as: UTF8.self)] } ?? []
            return .complete
        }
        #expect(result == example.outcome)
        #expect(try socket.link(9)?.name == Array("next".utf8))
        #expect(kernel.complaints == [])
    }
}
