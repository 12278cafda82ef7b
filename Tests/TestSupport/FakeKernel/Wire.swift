/// Rtnetlink's bytes, built by hand: what no kernel at hand sends.
///
/// Everything is in host order and padded to four bytes, as the kernel sends it.
public enum Wire {
    public static let multi: UInt16 = 0x2  // NLM_F_MULTI
    public static let dumpInterrupted: UInt16 = 0x10  // NLM_F_DUMP_INTR
    public static let capped: UInt16 = 0x100  // NLM_F_CAPPED
    public static let extendedAck: UInt16 = 0x200  // NLM_F_ACK_TLVS

    public static let error: UInt16 = 2  // NLMSG_ERROR
    public static let done: UInt16 = 3  // NLMSG_DONE
    public static let newLink: UInt16 = 16  // RTM_NEWLINK
    public static let deleteLink: UInt16 = 17  // RTM_DELLINK
    public static let newNumber: UInt16 = 88  // RTM_NEWNSID
    public static let deleteNumber: UInt16 = 89  // RTM_DELNSID
    public static let newStats: UInt16 = 92  // RTM_NEWSTATS

    public static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }

    public static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }

    /// A message: struct nlmsghdr and what follows it.
    ///
    /// - Parameter length: what nlmsg_len says; nil for the truth.
    public static func message(
        _ type: UInt16, flags: UInt16 = 0, sequence: UInt32, length: UInt32? = nil, _ payload: [UInt8]
    ) -> [UInt8] {
        let header =
            bytes(length ?? UInt32(16 + payload.count)) + bytes(type) + bytes(flags) + bytes(sequence)
            + bytes(UInt32(0))
        return padded(header + payload)
    }

    /// An attribute: struct nlattr and what follows it.
    ///
    /// - Parameter length: what nla_len says; nil for the truth.
    public static func attribute(_ type: UInt16, length: UInt16? = nil, _ payload: [UInt8]) -> [UInt8] {
        padded(bytes(length ?? UInt16(4 + payload.count)) + bytes(type) + payload)
    }

    /// struct ifinfomsg.
    public static func linkHeader(family: UInt8 = 0, index: Int32, flags: UInt32 = 1) -> [UInt8] {
        [family, 0] + bytes(UInt16(1)) + bytes(index) + bytes(flags) + bytes(UInt32(0))
    }

    /// A link's payload: its header, name, kind and any more attributes.
    public static func link(
        _ index: Int32, _ name: String, kind: String = "dummy", flags: UInt32 = 1, more: [UInt8] = []
    ) -> [UInt8] {
        linkHeader(index: index, flags: flags) + attribute(3, Array(name.utf8) + [0])  // IFLA_IFNAME
            + attribute(18, attribute(1, Array(kind.utf8) + [0])) + more  // IFLA_LINKINFO, IFLA_INFO_KIND
    }

    /// IFLA_LINK and, in another namespace, IFLA_LINK_NETNSID.
    public static func lower(_ index: Int32, in namespace: Int32? = nil) -> [UInt8] {
        attribute(5, bytes(index)) + (namespace.map { attribute(37, bytes($0)) } ?? [])
    }

    /// A payload about a namespace's number: struct rtgenmsg and NETNSA_NSID.
    public static func namespaceNumber(_ number: Int32) -> [UInt8] {
        [0, 0, 0, 0] + attribute(1, bytes(number))
    }

    /// A stats message's payload: struct if_stats_msg and IFLA_STATS_LINK_64 with as many counters.
    public static func stats(_ index: Int32, _ counters: [UInt64]) -> [UInt8] {
        [0, 0, 0, 0] + bytes(index) + bytes(UInt32(1)) + attribute(1, counters.flatMap { bytes($0) })
    }

    /// NLMSG_ERROR for a request whose header alone is echoed.
    public static func error(_ errno: Int32, sequence: UInt32, explanation: String? = nil) -> [UInt8] {
        let echo = bytes(UInt32(32)) + [UInt8](repeating: 0, count: 12)
        let text = explanation.map { attribute(1, Array($0.utf8) + [0]) } ?? []  // NLMSGERR_ATTR_MSG
        return message(
            error, flags: capped | (explanation == nil ? 0 : extendedAck), sequence: sequence,
            bytes(-errno) + echo + text)
    }

    /// NLMSG_DONE, with the dump's errno.
    public static func done(_ errno: Int32 = 0, flags: UInt16 = 0, sequence: UInt32, explanation: String? = nil)
        -> [UInt8]
    {
        let text = explanation.map { attribute(1, Array($0.utf8) + [0]) } ?? []
        return message(
            done, flags: multi | flags | (explanation == nil ? 0 : extendedAck), sequence: sequence,
            bytes(-errno) + text)
    }

    /// One part of a dump of links.
    public static func part(_ payload: [UInt8], flags: UInt16 = 0, sequence: UInt32) -> [UInt8] {
        message(newLink, flags: multi | flags, sequence: sequence, payload)
    }
}
