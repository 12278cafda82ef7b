internal import CMnl

/// One netlink request: its name for errors, its type, flags, fixed header and attributes.
struct Request {
    let operation: String
    private let type: UInt16
    private let flags: UInt16
    private let header: [UInt8]
    private let attributes: [(type: UInt16, value: UInt32)]

    /// All links of the socket's namespace, without their counters.
    static let allLinks = Request(
        operation: "RTM_GETLINK dump", type: RTM_GETLINK, flags: NLM_F_DUMP, header: linkHeader(index: 0),
        attributes: [(UInt16(IFLA_EXT_MASK), UInt32(RTEXT_FILTER_SKIP_STATS))])

    /// The 64-bit counters of all links of the socket's namespace.
    static let allStats = Request(
        operation: "RTM_GETSTATS dump", type: RTM_GETSTATS, flags: NLM_F_DUMP, header: statsHeader, attributes: [])

    /// One link.
    static func link(_ index: Int32) -> Request {
        Request(
            operation: "RTM_GETLINK of index \(index)", type: RTM_GETLINK, flags: 0, header: linkHeader(index: index),
            attributes: [(UInt16(IFLA_EXT_MASK), UInt32(RTEXT_FILTER_SKIP_STATS))])
    }

    init(
        operation: String, type: Int, flags: Int32, header: [UInt8], attributes: [(type: UInt16, value: UInt32)]
    ) {
        self.operation = operation
        self.type = UInt16(type)
        self.flags = UInt16(NLM_F_REQUEST | flags)
        self.header = header
        self.attributes = attributes
    }

    /// struct ifinfomsg, all zero but ifi_index.
    private static func linkHeader(index: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: LinkMessage.headerSize)
        unsafe withUnsafeBytes(of: index) { unsafe bytes.replaceSubrange(4..<8, with: $0) }
        return bytes
    }

    /// struct if_stats_msg, all zero but filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64).
    private static var statsHeader: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: StatsMessage.headerSize)
        let mask = UInt32(1) << UInt32(IFLA_STATS_LINK_64 - 1)
        unsafe withUnsafeBytes(of: mask) { unsafe bytes.replaceSubrange(8..<12, with: $0) }
        return bytes
    }

    /// Lends the encoded request to `body`.
    func withBytes<Result>(sequence: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 16) { buffer in
            let message = unsafe mnl_nlmsg_put_header(buffer.baseAddress!)!
            unsafe message.pointee.nlmsg_type = type
            unsafe message.pointee.nlmsg_flags = flags
            unsafe message.pointee.nlmsg_seq = sequence
            let fixed = unsafe mnl_nlmsg_put_extra_header(message, header.count)!
            unsafe header.withUnsafeBytes { unsafe fixed.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            for attribute in attributes { unsafe mnl_attr_put_u32(message, attribute.type, attribute.value) }
            return unsafe body(UnsafeRawBufferPointer(rebasing: buffer[..<Int(message.pointee.nlmsg_len)]))
        }
    }
}
