internal import CMnl
import Glibc

/// An address of a link. Source: RTM_NEWADDR.
public struct AddressMessage: Equatable, Sendable {
    /// AF_INET or AF_INET6. Source: ifa_family.
    public var family: UInt8
    /// RT_SCOPE_*: 253 link, 254 host. Source: ifa_scope.
    public var scope: UInt8
    /// Source: ifa_index.
    public var index: Int32
    /// Network order. Source: IFA_LOCAL, else IFA_ADDRESS.
    public var address: [UInt8] = []

    /// sizeof(struct ifaddrmsg).
    static let headerSize = 8

    init(decoding payload: RawSpan) throws(DecodeError) {
        guard payload.byteCount >= Self.headerSize else {
            throw DecodeError("address message of \(payload.byteCount) bytes")
        }
        family = try payload.load(0, as: UInt8.self)
        scope = try payload.load(3, as: UInt8.self)
        index = try payload.load(4, as: Int32.self)
        var (local, other): ([UInt8]?, [UInt8]?)
        try Attributes(payload.extracting(Self.headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            if attribute.type == Int(IFA_LOCAL) { local = attribute.bytes() }
            if attribute.type == Int(IFA_ADDRESS) { other = attribute.bytes() }
        }
        address = local ?? other ?? []
    }
}

/// A route, as far as it says where packets leave. Source: RTM_NEWROUTE.
public struct RouteMessage: Equatable, Sendable {
    /// RTPROT_*: 2 for those that the kernel made itself. Source: rtm_protocol.
    public var origin: UInt8
    /// Source: RTA_OIF, and rtnh_ifindex in RTA_MULTIPATH.
    public var outputs: [Int32] = []
    /// It goes by a next hop object. Source: RTA_NH_ID.
    public var hasNextHopObject = false

    /// sizeof(struct rtmsg).
    static let headerSize = 12

    init(decoding payload: RawSpan) throws(DecodeError) {
        guard payload.byteCount >= Self.headerSize else {
            throw DecodeError("route message of \(payload.byteCount) bytes")
        }
        origin = try payload.load(5, as: UInt8.self)
        try Attributes(payload.extracting(Self.headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            switch attribute.type {
            case Int(RTA_OIF.rawValue): outputs.append(try attribute.int32())
            case Int(RTA_NH_ID.rawValue): hasNextHopObject = true
            case Int(RTA_MULTIPATH.rawValue): outputs += try Self.hops(in: attribute.payload)
            default: break
            }
        }
    }

    /// A row of struct rtnexthop, each with attributes: length, flags, hops, index.
    private static func hops(in payload: RawSpan) throws(DecodeError) -> [Int32] {
        var indexes: [Int32] = []
        var offset = 0
        while offset < payload.byteCount {
            let length = Int(try payload.load(offset, as: UInt16.self))
            guard length >= 8, length <= payload.byteCount - offset else {
                throw DecodeError("next hop of \(length) bytes at offset \(offset) of \(payload.byteCount)")
            }
            indexes.append(try payload.load(offset + 4, as: Int32.self))
            offset += (length + 3) & ~3
        }
        return indexes
    }
}

/// A packet socket. Source: SOCK_DIAG_BY_FAMILY, struct packet_diag_msg.
struct PacketSocketMessage: Equatable {
    /// The link that it is bound to, 0 for all links; nil where the kernel does not say. Source: pdi_index.
    var index: Int32?

    /// sizeof(struct packet_diag_msg).
    private static let headerSize = 16

    init(decoding payload: RawSpan) throws(DecodeError) {
        guard payload.byteCount >= Self.headerSize else {
            throw DecodeError("packet socket of \(payload.byteCount) bytes")
        }
        try Attributes(payload.extracting(Self.headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            // PACKET_DIAG_INFO, a struct packet_diag_info.
            if attribute.type == 0 { index = try attribute.int32() }
        }
    }
}

/// What of a link's message only findings ask for.
public struct LinkUseMessage: Equatable, Sendable {
    public var index: Int32
    /// An XDP program is attached. Source: IFLA_XDP_ATTACHED.
    public var hasXDP = false
    /// It forwards IPv4 or IPv6. Source: IFLA_INET_CONF, IFLA_INET6_CONF.
    public var forwards = false
    /// Source: IFLA_MASTER.
    public var masterIndex: Int32?
    /// IFF_LOOPBACK.
    public var isLoopback: Bool

    init(decoding payload: RawSpan) throws(DecodeError) {
        guard payload.byteCount >= LinkMessage.headerSize else {
            throw DecodeError("link message of \(payload.byteCount) bytes")
        }
        index = try payload.load(4, as: Int32.self)
        isLoopback = try payload.load(8, as: UInt32.self) & 8 != 0
        try Attributes(payload.extracting(LinkMessage.headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            switch attribute.type {
            case Int(IFLA_MASTER): masterIndex = try attribute.int32()
            case Int(IFLA_XDP):
                try attribute.nested.forEach { (part) throws(DecodeError) in
                    if part.type == Int(IFLA_XDP_ATTACHED) { hasXDP = try part.flag() }
                }
            case Int(IFLA_AF_SPEC):
                try attribute.nested.forEach { (family) throws(DecodeError) in try readForwarding(family) }
            default: break
            }
        }
    }

    /// The settings are a row of 32-bit numbers. Forwarding is IPV4_DEVCONF_FORWARDING - 1 and DEVCONF_FORWARDING: 0 in both.
    private mutating func readForwarding(_ family: borrowing Attribute) throws(DecodeError) {
        let settings: Int
        switch Int32(family.type) {
        case AF_INET: settings = Int(IFLA_INET_CONF)
        case AF_INET6: settings = Int(IFLA_INET6_CONF)
        default: return
        }
        try family.nested.forEach { (part) throws(DecodeError) in
            if part.type == settings, try part.uint32() != 0 { forwards = true }
        }
    }
}

extension NetlinkSocket {
    /// Dumps what only findings ask for of all links of a namespace.
    public func dumpLinkUses(
        in namespace: Int32?, _ body: (LinkUseMessage) -> Void
    ) throws(NetlinkError) -> Dump {
        try dump(.allLinks(in: namespace)) { (message) throws(DecodeError) in
            body(try LinkUseMessage(decoding: message.payload))
        }
    }

    /// Asks for what only findings ask for of one link of the socket's namespace.
    public func linkUse(_ index: Int32) throws(NetlinkError) -> LinkUseMessage? {
        var use: LinkUseMessage?
        try exchange(.link(index, in: nil)) { (message) throws(DecodeError) in
            use = try LinkUseMessage(decoding: message.payload)
        }
        return use
    }
}
