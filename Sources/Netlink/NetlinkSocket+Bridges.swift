internal import CMnl
import Glibc

/// What bridges know and count, beside what the messages of links tell. All of it is of the socket's namespace: the kernel
/// takes no other one's number in these requests.
extension NetlinkSocket {
    /// Dumps what a bridge knows behind one of its ports.
    public func dumpForwarding(port: Int32, _ body: (ForwardingMessage) -> Void) throws(NetlinkError) -> Dump {
        try dumpForwarding(.forwarding(port: port), limit: .max, body)
    }

    /// Dumps what a bridge knows behind all of its ports. An entry may come twice, and those of the ports' own devices too.
    public func dumpForwarding(bridge: Int32, _ body: (ForwardingMessage) -> Void) throws(NetlinkError) -> Dump {
        try dumpForwarding(.forwarding(bridge: bridge), limit: .max, body)
    }

    /// Dumps what all bridges know behind their ports.
    ///
    /// The kernel goes through all entries of a bridge for each of its ports, and guests can make it learn any number.
    ///
    /// - Parameter limit: entries after which the dump is `.cut`: some more may come.
    public func dumpForwarding(limit: Int, _ body: (ForwardingMessage) -> Void) throws(NetlinkError) -> Dump {
        try dumpForwarding(.forwarding(port: 0), limit: limit, body)
    }

    private func dumpForwarding(
        _ request: Request, limit: Int, _ body: (ForwardingMessage) -> Void
    ) throws(NetlinkError) -> Dump {
        var count = 0
        return try dump(request, isEnough: { count >= limit }) { (message) throws(DecodeError) in
            guard Int(message.type) == Int(RTM_NEWNEIGH) else { throw DecodeError("message type \(message.type)") }
            count += 1
            body(try ForwardingMessage(decoding: message.payload))
        }
    }

    /// Dumps what all bridges and ports count beside packets. One with many VLANs is told of in several messages.
    public func dumpBridgeStats(_ body: (BridgeStatsMessage) -> Void) throws(NetlinkError) -> Dump {
        try dump(.allBridgeStats) { (message) throws(DecodeError) in
            guard Int(message.type) == Int(RTM_NEWSTATS) else { throw DecodeError("message type \(message.type)") }
            let statistics = try BridgeStatsMessage(decoding: message.payload)
            if !statistics.isEmpty { body(statistics) }
        }
    }
}

extension Request {
    /// - Parameter port: 0 for all ports of all bridges.
    fileprivate static func forwarding(port: Int32) -> Request {
        var header = [UInt8](repeating: 0, count: ForwardingMessage.headerSize)
        header[0] = UInt8(AF_BRIDGE)
        unsafe withUnsafeBytes(of: port) { unsafe header.replaceSubrange(4..<8, with: $0) }
        return Request(
            operation: "RTM_GETNEIGH dump of \(port == 0 ? "all bridges" : "port \(port)")", type: Int(RTM_GETNEIGH),
            flags: NLM_F_DUMP, header: header, attributes: [])
    }

    fileprivate static func forwarding(bridge: Int32) -> Request {
        var header = [UInt8](repeating: 0, count: ForwardingMessage.headerSize)
        header[0] = UInt8(AF_BRIDGE)
        return Request(
            operation: "RTM_GETNEIGH dump of bridge \(bridge)", type: Int(RTM_GETNEIGH), flags: NLM_F_DUMP,
            header: header, attributes: [(UInt16(NDA_MASTER), UInt32(bitPattern: bridge))])
    }

    fileprivate static var allBridgeStats: Request {
        Request(
            operation: "RTM_GETSTATS dump of bridges", type: Int(RTM_GETSTATS), flags: NLM_F_DUMP,
            header: statsHeader(IFLA_STATS_LINK_XSTATS, IFLA_STATS_LINK_XSTATS_SLAVE), attributes: [])
    }
}
