internal import CMnl
import Glibc

extension NetlinkSocket {
    /// How a dump went.
    public enum Dump: Sendable, Equatable {
        case complete
        /// Changes tore it (NLM_F_DUMP_INTR): each object in it is true, some may be missing or doubled.
        case torn
        /// Whoever asked had enough of it. The socket must not be used again.
        case cut
    }

    /// Dumps all links of a namespace, without counters.
    ///
    /// Blocks in send() while somebody else holds RTNL, seconds at times and whatever the socket's flags are.
    ///
    /// - Parameter namespace: its number in the table of the socket's namespace; nil is that one itself. Another one needs
    ///   CAP_NET_ADMIN there. Its links' numbers of namespaces count in the socket's table.
    /// - Throws: `NetlinkError`. A message that can't be decoded fails the whole dump, after draining it.
    public func dumpLinks(
        in namespace: Int32? = nil, _ body: (LinkMessage) -> Void
    ) throws(NetlinkError) -> Dump {
        try dump(.allLinks(in: namespace)) { (message) throws(DecodeError) in body(try Self.link(in: message)) }
    }

    /// Dumps the 64-bit counters of all links of the socket's namespace. Blocks like `dumpLinks`.
    ///
    /// - Parameters:
    ///   - started: called when the kernel has read the first links' counters, before any is decoded.
    ///   - body: called with each link's counters, in place in the receive buffer.
    public func dumpStats(
        started: () -> Void, _ body: (borrowing StatsMessage) -> Void
    ) throws(NetlinkError) -> Dump {
        try dump(.allStats, started: started) { (message) throws(DecodeError) in
            guard Int(message.type) == Int(RTM_NEWSTATS) else { throw DecodeError("message type \(message.type)") }
            body(try StatsMessage(decoding: message.payload))
        }
    }

    /// Dumps the counters of all links of another namespace: dearer than `dumpStats` inside, and possible from here.
    public func dumpStats(
        in namespace: Int32, _ body: (borrowing StatsMessage) -> Void
    ) throws(NetlinkError) -> Dump {
        try dump(.allLinksAndCounters(in: namespace)) { (message) throws(DecodeError) in
            guard Int(message.type) == Int(RTM_NEWLINK) else { throw DecodeError("message type \(message.type)") }
            body(try StatsMessage(decodingLink: message.payload))
        }
    }

    /// Asks for one link. Blocks like `dumpLinks`.
    ///
    /// - Returns: the link, nil when the kernel says that there is none (ENODEV).
    public func link(_ index: Int32, in namespace: Int32? = nil) throws(NetlinkError) -> LinkMessage? {
        let request = Request.link(index, in: namespace)
        var result: LinkMessage?
        do {
            try exchange(request) { (message) throws(DecodeError) in
                let link = try Self.link(in: message)
                guard link.index == index else { throw DecodeError("link \(link.index) instead of \(index)") }
                result = link
            }
        } catch {
            if error.errno == ENODEV { return nil }
            throw error
        }
        return result
    }

    /// The link that a message of an answer describes.
    private static func link(in message: borrowing Message) throws(DecodeError) -> LinkMessage {
        guard Int(message.type) == Int(RTM_NEWLINK) else { throw DecodeError("message type \(message.type)") }
        let link = try LinkMessage(decoding: message.payload, type: message.type)
        guard link.subject == .link else { throw DecodeError("bridge port \(link.index) where a link was asked for") }
        return link
    }
}
