internal import CMnl

/// Asks the kernel's ethtool family (generic netlink, since Linux 5.6) what rtnetlink does not tell of links.
///
/// In the namespace of the thread that opened it; one thread uses it at a time.
public final class EthtoolSocket: Sendable {
    private let socket: NetlinkSocket
    /// The number that this kernel gave the family.
    private let family: UInt16

    /// - Throws: `NetlinkError`: ENOENT when the kernel has no ethtool family.
    public init() throws(NetlinkError) {
        socket = try NetlinkSocket(protocol: NETLINK_GENERIC)
        family = try socket.genericFamily("ethtool")
    }

    /// Dumps the speeds of all links that have one: neither loopbacks nor most tunnels do.
    ///
    /// The kernel takes RTNL for each link, so `body` may have been called for some links before this throws.
    ///
    /// - Throws: `NetlinkError`: the first error of a driver ends the dump.
    public func dumpSpeeds(_ body: (LinkSpeed) -> Void) throws(NetlinkError) {
        _ = try socket.dump(.allSpeeds(family: family)) { (message) throws(DecodeError) in
            body(try LinkSpeed(decoding: message.payload))
        }
    }
}

/// What a link's driver says of its speed. Source: ETHTOOL_MSG_LINKMODES_GET_REPLY.
public struct LinkSpeed: Equatable, Sendable {
    /// Source: ETHTOOL_A_HEADER_DEV_INDEX.
    public var index: Int32 = 0
    /// Mbit/s; SPEED_UNKNOWN (0xffffffff) when the driver does not know. Source: ETHTOOL_A_LINKMODES_SPEED.
    public var megabits: UInt32?
    /// DUPLEX_*: 0 half, 1 full, 0xff unknown. Source: ETHTOOL_A_LINKMODES_DUPLEX.
    public var duplex: UInt8?

    /// - Parameter payload: struct genlmsghdr and attributes.
    init(decoding payload: RawSpan) throws(DecodeError) {
        let attributes = try payload.genericAttributes
        try attributes.forEach { (attribute) throws(DecodeError) in
            switch UInt32(attribute.type) {
            case UInt32(ETHTOOL_A_LINKMODES_HEADER):
                try attribute.nested.forEach { (part) throws(DecodeError) in
                    if UInt32(part.type) == UInt32(ETHTOOL_A_HEADER_DEV_INDEX) { index = try part.int32() }
                }
            case UInt32(ETHTOOL_A_LINKMODES_SPEED): megabits = try attribute.uint32()
            case UInt32(ETHTOOL_A_LINKMODES_DUPLEX): duplex = try attribute.uint8()
            default: break
            }
        }
        guard index > 0 else { throw DecodeError("speed of interface index \(index)") }
    }
}

extension NetlinkSocket {
    /// The number of a generic netlink family.
    fileprivate func genericFamily(_ name: String) throws(NetlinkError) -> UInt16 {
        let request = Request.genericFamily(name)
        var number: UInt16?
        try exchange(request) { (message) throws(DecodeError) in
            try message.payload.genericAttributes.forEach { (attribute) throws(DecodeError) in
                if attribute.type == Int(CTRL_ATTR_FAMILY_ID) { number = try attribute.uint16() }
            }
        }
        guard let number else { throw NetlinkError(request.operation, .malformed("no CTRL_ATTR_FAMILY_ID")) }
        return number
    }
}

extension Request {
    fileprivate static func genericFamily(_ name: String) -> Request {
        let name = attribute(UInt16(CTRL_ATTR_FAMILY_NAME), Array(name.utf8) + [0])
        return Request(
            operation: "CTRL_CMD_GETFAMILY", type: Int(GENL_ID_CTRL), flags: 0,
            header: [UInt8(CTRL_CMD_GETFAMILY), 2, 0, 0] + name, attributes: [])
    }

    fileprivate static func allSpeeds(family: UInt16) -> Request {
        // Compact: else the kernel spells out every mode of every link.
        let flags = attribute(UInt16(ETHTOOL_A_HEADER_FLAGS), bytes(UInt32(ETHTOOL_FLAG_COMPACT_BITSETS)))
        let header = attribute(UInt16(ETHTOOL_A_LINKMODES_HEADER) | UInt16(NLA_F_NESTED), flags)
        return Request(
            operation: "ETHTOOL_MSG_LINKMODES_GET dump", type: Int(family), flags: NLM_F_DUMP,
            header: [UInt8(ETHTOOL_MSG_LINKMODES_GET), 1, 0, 0] + header, attributes: [])
    }

    /// struct nlattr and its payload, padded.
    private static func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: -payload.count & 3)
        return bytes(UInt16(4 + payload.count)) + bytes(type) + payload + padding
    }

    private static func bytes(_ value: some FixedWidthInteger & BitwiseCopyable) -> [UInt8] {
        unsafe withUnsafeBytes(of: value) { unsafe [UInt8]($0) }
    }
}

extension RawSpan {
    /// What follows a struct genlmsghdr.
    fileprivate var genericAttributes: Attributes {
        @_lifetime(copy self)
        get throws(DecodeError) {
            guard byteCount >= 4 else { throw DecodeError("generic message of \(byteCount) bytes") }
            return Attributes(extracting(4..<byteCount))
        }
    }
}
