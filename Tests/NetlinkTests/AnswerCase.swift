import Glibc
import TestSupport
import Testing

@testable import Netlink

/// An answer of the kernel's, and how the request must end that gets it.
struct AnswerCase: Sendable, CustomTestStringConvertible {
    /// How a request ended.
    enum Outcome: Equatable {
        case names([String])
        case torn([String])
        case failure(NetlinkError.Cause, String? = nil)
        case malformed
    }

    let testDescription: String
    let answer: FakeKernel.Answer
    let outcome: Outcome

    init(_ description: String, _ outcome: Outcome, _ answer: @escaping FakeKernel.Answer) {
        testDescription = description
        self.outcome = outcome
        self.answer = answer
    }

    static func a(_ sequence: UInt32, flags: UInt16 = 0) -> [UInt8] {
        Wire.part(Wire.link(1, "a"), flags: flags, sequence: sequence)
    }
    static func b(_ sequence: UInt32, flags: UInt16 = 0) -> [UInt8] {
        Wire.part(Wire.link(2, "b"), flags: flags, sequence: sequence)
    }
    static func done(_ sequence: UInt32, flags: UInt16 = 0) -> [UInt8] { Wire.done(flags: flags, sequence: sequence) }

    /// A whole answer with one message between its parts.
    static func between(_ message: @escaping @Sendable (UInt32) -> [UInt8]) -> FakeKernel.Answer {
        { [.datagram(a($0), message($0), b($0)), .datagram(done($0))] }
    }

    /// A whole answer with a payload in the place of a link's.
    static func among(_ payload: [UInt8]) -> FakeKernel.Answer {
        between { Wire.part(payload, sequence: $0) }
    }

    static let dumps: [Self] = [
        Self("one datagram", .names(["a", "b"])) { [.datagram(a($0), b($0), done($0))] },
        Self("several datagrams", .names(["a", "b"])) { [.datagram(a($0)), .datagram(b($0)), .datagram(done($0))] },
        Self("no links", .names([])) { [.datagram(done($0))] },
        Self("NLMSG_DONE without a body", .names(["a"])) {
            [.datagram(a($0), Wire.message(Wire.done, flags: Wire.multi, sequence: $0, []))]
        },
        Self("NLM_F_DUMP_INTR on a part", .torn(["a", "b"])) {
            [.datagram(a($0), b($0, flags: Wire.dumpInterrupted)), .datagram(done($0))]
        },
        Self("NLM_F_DUMP_INTR on the end", .torn(["a"])) {
            [.datagram(a($0)), .datagram(done($0, flags: Wire.dumpInterrupted))]
        },
        Self("an error in NLMSG_DONE", .failure(.system(EINVAL), "not so")) {
            [.datagram(a($0)), .datagram(Wire.done(EINVAL, sequence: $0, explanation: "not so"))]
        },
        Self("NLMSG_ERROR", .failure(.system(EPERM))) { [.datagram(Wire.error(EPERM, sequence: $0))] },
        Self("NLMSG_ERROR that explains", .failure(.system(EINVAL), "odd?[1m name")) {
            [.datagram(Wire.error(EINVAL, sequence: $0, explanation: "odd\u{1b}[1m name"))]
        },
        Self("NLMSG_ERROR in the middle", .failure(.system(ENOMEM))) {
            [.datagram(a($0)), .datagram(Wire.error(ENOMEM, sequence: $0), b($0))]
        },
        Self("an acknowledgement", .malformed) { [.datagram(Wire.error(0, sequence: $0))] },
        Self("an error code that is none", .malformed) {
            [.datagram(Wire.message(Wire.error, sequence: $0, Wire.bytes(Int32.min) + Wire.bytes(UInt32(16))))]
        },
        Self("an error in NLMSG_DONE that is none", .malformed) {
            [.datagram(Wire.message(Wire.done, flags: Wire.multi, sequence: $0, Wire.bytes(Int32(5))))]
        },
        Self("an error of two bytes", .malformed) { [.datagram(Wire.message(Wire.error, sequence: $0, [0, 0]))] },
        Self("ENOBUFS before the first part", .failure(.system(ENOBUFS))) { _ in [.failure(ENOBUFS)] },
        Self("ENOBUFS in the middle", .failure(.system(ENOBUFS))) {
            [.datagram(a($0)), .failure(ENOBUFS), .datagram(b($0)), .datagram(done($0))]
        },
        Self("ENOBUFS at the end", .failure(.system(ENOBUFS))) { [.datagram(a($0), b($0)), .failure(ENOBUFS)] },
        Self("a datagram larger than the buffer", .failure(.truncated)) { sequence in
            let more = Array(repeatElement(a(sequence), count: 2_000).joined())
            return [.datagram(a(sequence)), .datagram(more), .datagram(b(sequence), done(sequence))]
        },
        Self("an empty datagram", .malformed) { [.datagram(a($0)), .datagram(), .datagram(done($0))] },
        Self("a message cut short", .malformed) {
            [.datagram(a($0), Array(b($0).dropLast(8))), .datagram(done($0))]
        },
        Self("an answer to an earlier request before this one's", .names(["a"])) {
            [.datagram(b($0 &- 1)), .datagram(done($0 &- 1)), .datagram(a($0), b($0 &+ 1), done($0))]
        },
        Self("another process answers first", .names(["a"])) {
            [.datagram(b($0), done($0), from: 4711), .datagram(a($0), done($0))]
        },
        Self("another process tears and ends the dump", .names(["a", "b"])) {
            [
                .datagram(a($0)), .datagram(Wire.error(EPERM, sequence: $0), from: 1),
                .datagram(done($0, flags: Wire.dumpInterrupted), from: .max), .datagram(b($0), done($0)),
            ]
        },
        Self("a message of a type not asked for", .malformed, between { Wire.message(24, flags: 2, sequence: $0, []) }),
        Self(
            "a deletion in a dump", .malformed, between { Wire.message(17, flags: 2, sequence: $0, Wire.link(3, "c")) }),
        Self("a part that says it is the whole", .malformed) {
            [.datagram(Wire.message(Wire.newLink, sequence: $0, Wire.link(1, "a")))]
        },
        Self("a bridge's port in a dump", .malformed, among(Wire.linkHeader(family: 7, index: 3))),
        Self("ifinfomsg shorter than it ever was", .malformed, among(Array(Wire.linkHeader(index: 3).dropLast(4)))),
        Self("a link without a name", .malformed, among(Wire.linkHeader(index: 3))),
        Self("index 0", .malformed, among(Wire.link(0, "c"))),
        Self("a negative index", .malformed, among(Wire.link(-1, "c"))),
        Self(
            "an attribute grown by eight bytes", .names(["a", "c", "b"]),
            among(
                Wire.link(
                    3, "c",
                    more: Wire.attribute(
                        4, [0xdc, 5, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])))),
        Self(
            "a bridge identifier too short", .malformed,
            among(
                Wire.link(
                    3, "c", kind: "bridge",
                    more: Wire.attribute(
                        18, Wire.attribute(1, Array("bridge".utf8)) + Wire.attribute(2, Wire.attribute(11, [1, 2])))))),
        Self(
            "a kind and attributes that nobody knows", .names(["a", "c", "b"]),
            among(
                Wire.link(
                    3, "c", kind: "frobnicate",
                    more: Wire.attribute(0x3fff, [1, 2, 3]) + Wire.attribute(0x8fff, [])
                        + Wire.attribute(
                            0, [1])))),
        Self(
            "a kind of a thousand bytes", .malformed,
            among(
                Wire.link(
                    3, "c", kind: String(repeating: "k", count: 1_000)))),
        Self(
            "an address of a thousand bytes", .malformed,
            among(
                Wire.link(
                    3, "c", more: Wire.attribute(1, [UInt8](repeating: 1, count: 1_000))))),
    ]

    static let questions: [Self] = [
        Self("the link", .names(["c"])) {
            [.datagram(Wire.message(Wire.newLink, sequence: $0, Wire.link(3, "c")))]
        },
        Self("no such link", .names([])) { [.datagram(Wire.error(ENODEV, sequence: $0))] },
        Self("another error", .failure(.system(EPERM))) { [.datagram(Wire.error(EPERM, sequence: $0))] },
        Self("another link", .malformed) {
            [.datagram(Wire.message(Wire.newLink, sequence: $0, Wire.link(4, "d")))]
        },
        Self("an end without a link", .malformed) { [.datagram(done($0))] },
        Self("an acknowledgement without a link", .malformed) { [.datagram(Wire.error(0, sequence: $0))] },
        Self("ENOBUFS", .failure(.system(ENOBUFS))) { _ in [.failure(ENOBUFS)] },
        Self("another process says that it is gone", .names(["c"])) {
            [
                .datagram(Wire.error(ENODEV, sequence: $0), from: 4711),
                .datagram(Wire.message(Wire.newLink, sequence: $0, Wire.link(3, "c"))),
            ]
        },
    ]
}
