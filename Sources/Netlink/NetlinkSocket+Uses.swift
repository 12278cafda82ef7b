internal import CMnl
import Glibc

/// What uses a link: addresses, routes, filters, packet sockets. None of this is dumped for links that are well.
extension NetlinkSocket {
    /// Opens a socket for `dumpPacketSockets`, which are another family's matter than links.
    public static func forSocketDiagnosis() throws(NetlinkError) -> NetlinkSocket {
        try NetlinkSocket(protocol: NETLINK_SOCK_DIAG)
    }

    /// Dumps the addresses of all links of a namespace.
    public func dumpAddresses(
        in namespace: Int32? = nil, _ body: (AddressMessage) -> Void
    ) throws(NetlinkError) -> Dump {
        try dump(.allAddresses(in: namespace)) { (message) throws(DecodeError) in
            guard Int(message.type) == Int(RTM_NEWADDR) else { throw DecodeError("message type \(message.type)") }
            body(try AddressMessage(decoding: message.payload))
        }
    }

    /// Dumps the IPv4 and IPv6 routes of the socket's namespace.
    public func dumpRoutes(_ body: (RouteMessage) -> Void) throws(NetlinkError) -> Dump {
        var state = Dump.complete
        for family in [AF_INET, AF_INET6] {
            let dump = try dump(.allRoutes(of: UInt8(family))) { (message) throws(DecodeError) in
                guard Int(message.type) == Int(RTM_NEWROUTE) else { throw DecodeError("message type \(message.type)") }
                body(try RouteMessage(decoding: message.payload))
            }
            if dump == .torn { state = .torn }
        }
        return state
    }

    /// Whether a link has tc filters on its way in or out (clsact, or ingress).
    public func hasFilters(_ index: Int32) throws(NetlinkError) -> Bool {
        var found = false
        // TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS or _EGRESS)
        for parent in [UInt32(0xffff_fff2), 0xffff_fff3] {
            do throws(NetlinkError) {
                _ = try dump(.filters(of: index, parent: parent)) { (message) throws(DecodeError) in
                    if Int(message.type) == Int(RTM_NEWTFILTER) { found = true }
                }
            } catch {
                // No such queueing discipline.
                guard error.errno == EINVAL || error.errno == ENOENT else { throw error }
            }
        }
        return found
    }

    /// Dumps the links that packet sockets of the socket's namespace are bound to, 0 for all links.
    public func dumpPacketSockets(_ body: (Int32) -> Void) throws(NetlinkError) -> Dump {
        try dump(.packetSockets) { (message) throws(DecodeError) in
            if let index = try PacketSocketMessage(decoding: message.payload).index { body(index) }
        }
    }
}

extension Request {
    fileprivate static func allAddresses(in namespace: Int32?) -> Request {
        Request(
            operation: "RTM_GETADDR dump", type: Int(RTM_GETADDR), flags: NLM_F_DUMP,
            header: [UInt8](repeating: 0, count: AddressMessage.headerSize),
            attributes: namespace.map { [(UInt16(IFA_TARGET_NETNSID), UInt32(bitPattern: $0))] } ?? [])
    }

    fileprivate static func allRoutes(of family: UInt8) -> Request {
        var header = [UInt8](repeating: 0, count: RouteMessage.headerSize)
        header[0] = family
        return Request(
            operation: "RTM_GETROUTE dump", type: Int(RTM_GETROUTE), flags: NLM_F_DUMP, header: header, attributes: [])
    }

    fileprivate static func filters(of index: Int32, parent: UInt32) -> Request {
        var header = [UInt8](repeating: 0, count: 20)  // struct tcmsg
        unsafe withUnsafeBytes(of: index) { unsafe header.replaceSubrange(4..<8, with: $0) }
        unsafe withUnsafeBytes(of: parent) { unsafe header.replaceSubrange(12..<16, with: $0) }
        return Request(
            operation: "RTM_GETTFILTER dump of index \(index)", type: Int(RTM_GETTFILTER), flags: NLM_F_DUMP,
            header: header, attributes: [])
    }

    /// SOCK_DIAG_BY_FAMILY with a struct packet_diag_req: AF_PACKET, PACKET_SHOW_INFO.
    fileprivate static var packetSockets: Request {
        var header = [UInt8](repeating: 0, count: 20)
        header[0] = UInt8(AF_PACKET)
        header[8] = 1
        return Request(
            operation: "AF_PACKET sock_diag dump", type: 20, flags: NLM_F_DUMP, header: header, attributes: [])
    }
}
