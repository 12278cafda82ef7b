import CTestSupport
import Foundation
import Synchronization
import TestSupport
import VexportCore

@testable import LinkCollector
@testable import Netlink
@testable import VexportCore

/// What recvmsg gives, call by call: each behind two bytes of length and one that says what it is. The input's first byte
/// is the request.
enum AnswerTarget: FuzzTarget {
    static func seeds() throws -> [[UInt8]] {
        func packet(_ bytes: [UInt8], _ what: UInt8 = 0) -> [UInt8] { Wire.bytes(UInt16(bytes.count)) + [what] + bytes }
        func part(_ message: [UInt8]) -> [UInt8] {
            var message = message
            message[6] |= 2  // NLM_F_MULTI
            return message
        }
        let recorded = try recordedMessages()
        let links = recorded.filter { $0[4] == 16 }.prefix(12)
        let stats = recorded.filter { $0[4] == 92 }
        let errors = recorded.filter { $0[4] == 2 }
        let done = Wire.done(sequence: 1)
        let explained = Wire.done(22, sequence: 1, explanation: "no")
        var seeds = links.map { [2] + packet($0) } + errors.map { [0] + packet($0) }
        seeds += [
            [0] + links.flatMap { packet(part($0)) } + packet(done), [1] + packet(stats.flatMap { $0 } + done),
            [0] + packet(part(links[0]) + explained), [0] + packet(done, 1) + packet([], 2) + packet(done),
            [3] + recorded.filter { $0[4] == 16 || $0[4] == 17 }.prefix(30).flatMap { packet($0) },
        ]
        return seeds
    }

    static func run(_ input: [UInt8]) {
        guard let request = input.first else { return }
        let script = Script(input.dropFirst())
        var ends: [Int32] = [0, 0]
        require(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &ends) == 0, "socketpair")
        defer { close(ends[1]) }
        let socket = try! NetlinkSocket(adopting: ends[0]) { _, header, _ in script.receive(header) }
        var changes: [LinkChange] = []
        var links: [(Int32, LinkState)] = []
        var samples = TickSamples()
        do throws(NetlinkError) {
            switch request % 4 {
            case 0:
                let dump = try socket.dumpLinks { message in
                    Page.check(message, ofBytes: input.count)
                    links.append((message.index, LinkState(message)))
                }
                require(script.hasEnded || dump == .complete || dump == .torn, "a dump that ended by itself")
                changes = [.dumped(links)]
            case 1: _ = try socket.dumpStats(started: {}) { samples.append(index: $0.index, row: $0.counters) }
            case 2:
                if let link = try socket.link(10) as LinkMessage? {
                    require(link.index == 10, "another link")
                    changes = [.asked(index: 10, LinkState(link))]
                }
            default:
                while try socket.receiveEvents({ if let change = LinkChange($0, from: $1) { changes.append(change) } })
                {}
            }
        } catch {
            require(isPlain("\(error)"), "a control character in an error")
        }
        if isChosen(input) { Page.check(changes, samples) }
    }

    /// The calls that an input scripts; after them nothing is there any more.
    private final class Script: Sendable {
        private let rest: Mutex<ArraySlice<UInt8>>

        init(_ input: ArraySlice<UInt8>) { rest = Mutex(input) }

        var hasEnded: Bool { rest.withLock { $0.count < 3 } }

        func receive(_ header: UnsafeMutablePointer<msghdr>) -> Int {
            rest.withLock { rest in
                guard rest.count >= 3 else {
                    errno = EAGAIN
                    return -1
                }
                let start = rest.startIndex
                let length = Int(rest[start]) | Int(rest[start + 1]) << 8
                let what = rest[start + 2]
                let bytes = rest.dropFirst(3).prefix(length)
                rest = rest.dropFirst(3 + length)
                guard what % 4 != 2 else {
                    errno = ENOBUFS
                    return -1
                }
                var sender = sockaddr_nl()
                sender.nl_family = sa_family_t(AF_NETLINK)
                sender.nl_pid = what % 4 == 1 ? 4711 : 0
                header.pointee.msg_name.copyMemory(from: &sender, byteCount: MemoryLayout<sockaddr_nl>.size)
                let room = header.pointee.msg_iov.pointee
                let count = min(bytes.count, room.iov_len)
                bytes.withUnsafeBytes {
                    if count > 0 { room.iov_base.copyMemory(from: $0.baseAddress!, byteCount: count) }
                }
                header.pointee.msg_flags = what % 4 == 3 ? Int32(MSG_TRUNC) : 0
                return count
            }
        }
    }
}
