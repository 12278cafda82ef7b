import CTestSupport
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import LinkCollector
@testable import Netlink

/// What the fake kernel takes for granted about a real one's sockets.
@Suite(.serialized) struct NetlinkSocketTests {
    @Test("after an overrun the kernel drops all events until the queue has been read empty")
    func overrun() throws {
        let namespace = try Namespace()
        let socket = try namespace.inside {
            let socket = try NetlinkSocket()
            try socket.setReceiveBuffer(16 << 10)
            try socket.subscribe()
            return socket
        }
        for number in 0..<40 { try namespace.ip("link add early\(number) type ifb") }
        #expect(throws: NetlinkError("read link events", .system(ENOBUFS))) { try socket.receiveEvents { _, _ in } }
        try namespace.ip("link add dropped type ifb")

        var names: [String] = []
        func readAll() throws {
            names = []
            while try socket.receiveEvents({ event, _ in
                if case .link(let link, _) = event { names.append(String(decoding: link.name, as: UTF8.self)) }
            }) {}
        }
        try readAll()
        #expect(names.contains("early0"))
        #expect(!names.contains("early39"))
        #expect(!names.contains("dropped"))
        try namespace.ip("link add later type ifb")
        try readAll()
        #expect(names.contains("later"))
    }

    @Test("ethtool tells the speed of links that have one, time after time")
    func speeds() throws {
        let namespace = try Namespace()
        try namespace.ip("link add veth0 type veth peer name veth1")
        let socket = try namespace.inside { try EthtoolSocket() }
        for _ in 0..<2 {
            var speeds: [Int32: LinkSpeed] = [:]
            try socket.dumpSpeeds { speeds[$0.index] = $0 }
            #expect(speeds.count == 2)  // and none of the loopback
            #expect(speeds.values.allSatisfy { $0.megabits == 10_000 && $0.duplex == 1 })
        }
    }

    @Test("a dump given up half-way does not stand in the next one's way")
    func givenUp() throws {
        let namespace = try Namespace()
        try namespace.ipBatch((0..<150).map { "link add v\($0) type veth peer name w\($0)" })
        let socket = try namespace.inside {
            let descriptor = Glibc.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0)
            let calls = Atomic<Int>(0)
            return try NetlinkSocket(adopting: descriptor) { descriptor, header, flags in
                guard calls.add(1, ordering: .relaxed).newValue != 2 else {
                    errno = ENOBUFS
                    return -1
                }
                return recvmsg(descriptor, header, flags)
            }
        }
        var count = 0
        #expect(throws: NetlinkError("RTM_GETLINK dump", .system(ENOBUFS), sequence: 1)) {
            try socket.dumpLinks { _ in count += 1 }
        }
        #expect((1..<300).contains(count))
        count = 0
        #expect(try socket.dumpLinks { _ in count += 1 } == .complete)
        #expect(count == 301)
    }

    @Test("what another process sends to vexport's sockets changes nothing")
    func foreignSender() throws {
        let watched = try Watched { try $0.ip("link add veth0 type veth peer name veth1") }
        let targets = [watched.collector.eventSocket.descriptor, watched.collector.dumpSocket.descriptor].map(port)
        let forger = try watched.namespace.inside { socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0) }
        defer { close(forger) }
        for target in targets {
            for sequence in 0..<200 as Range<UInt32> {
                send(
                    Wire.message(Wire.deleteLink, sequence: sequence, Wire.link(1, "lo"))
                        + Wire.message(Wire.newLink, sequence: sequence, Wire.link(99, "ghost"))
                        + Wire.done(sequence: sequence), from: forger, to: target)
            }
        }
        try watched.namespace.ip("link set veth0 up")
        try watched.expectEqualToIP()
        let statistics = watched.collector.state.withLock { $0.statistics }
        #expect((statistics.malformedEvents, statistics.failedDumps, statistics.resyncs) == (0, 0, 0))
    }

    private func port(_ descriptor: Int32) -> UInt32 {
        var address = sockaddr_nl()
        withAddress(&address) { pointer, length in
            var length = length
            getsockname(descriptor, pointer, &length)
        }
        return address.nl_pid
    }

    private func send(_ bytes: [UInt8], from descriptor: Int32, to port: UInt32) {
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_pid = port
        let count = withAddress(&address) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
        #expect(count == bytes.count, "errno \(errno)")
    }

    private func withAddress<Result>(
        _ address: inout sockaddr_nl, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
    }
}
