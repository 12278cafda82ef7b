internal import CMnl

/// One netlink request: its name for errors, its type, flags, fixed header and attributes.
struct Request {
    let operation: String
    private let type: UInt16
    private let flags: UInt16
    private let header: [UInt8]
    private let attributes: [(type: UInt16, value: UInt32)]

    /// All links of a namespace, without their counters.
    ///
    /// - Parameter namespace: its number in the table of the socket's namespace; nil is that one itself.
    static func allLinks(in namespace: Int32?) -> Request {
        Request(
            operation: "RTM_GETLINK dump\(place(namespace))", type: RTM_GETLINK, flags: NLM_F_DUMP,
            header: linkHeader(index: 0), attributes: linkAttributes(namespace))
    }

    /// The 64-bit counters of all links of the socket's namespace.
    static let allStats = Request(
        operation: "RTM_GETSTATS dump", type: RTM_GETSTATS, flags: NLM_F_DUMP,
        header: statsHeader(IFLA_STATS_LINK_64), attributes: [])

    /// All links of a namespace, with their counters.
    static func allLinksAndCounters(in namespace: Int32) -> Request {
        Request(
            operation: "RTM_GETLINK dump\(place(namespace))", type: RTM_GETLINK, flags: NLM_F_DUMP,
            header: linkHeader(index: 0),
            attributes: [(UInt16(IFLA_TARGET_NETNSID), UInt32(bitPattern: namespace))])
    }

    /// One link of a namespace.
    static func link(_ index: Int32, in namespace: Int32?) -> Request {
        Request(
            operation: "RTM_GETLINK of index \(index)\(place(namespace))", type: RTM_GETLINK, flags: 0,
            header: linkHeader(index: index), attributes: linkAttributes(namespace))
    }

    /// The numbers that namespaces have in the table of the socket's namespace.
    static let allNamespaceNumbers = Request(
        operation: "RTM_GETNSID dump", type: RTM_GETNSID, flags: NLM_F_DUMP, header: namespaceHeader, attributes: [])

    /// The number of the namespace that a file stands for.
    static func namespaceNumber(of file: Int32) -> Request {
        Request(
            operation: "RTM_GETNSID", type: RTM_GETNSID, flags: 0, header: namespaceHeader,
            attributes: [(UInt16(NETNSA_FD), UInt32(bitPattern: file))])
    }

    /// Gives a number to the namespace that a file stands for, whichever is free.
    static func numberNamespace(of file: Int32) -> Request {
        Request(
            operation: "RTM_NEWNSID", type: RTM_NEWNSID, flags: NLM_F_ACK, header: namespaceHeader,
            attributes: [
                (UInt16(NETNSA_FD), UInt32(bitPattern: file)),
                (UInt16(NETNSA_NSID), UInt32(bitPattern: NETNSA_NSID_NOT_ASSIGNED)),
            ])
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

    private static func linkAttributes(_ namespace: Int32?) -> [(type: UInt16, value: UInt32)] {
        let mask = (UInt16(IFLA_EXT_MASK), UInt32(RTEXT_FILTER_SKIP_STATS))
        guard let namespace else { return [mask] }
        return [(UInt16(IFLA_TARGET_NETNSID), UInt32(bitPattern: namespace)), mask]
    }

    private static func place(_ namespace: Int32?) -> String { namespace.map { " in namespace nsid \($0)" } ?? "" }

    /// struct rtgenmsg, all zero, and its padding.
    private static let namespaceHeader = [UInt8](repeating: 0, count: 4)

    /// struct ifinfomsg, all zero but ifi_index.
    private static func linkHeader(index: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: LinkMessage.headerSize)
        unsafe withUnsafeBytes(of: index) { unsafe bytes.replaceSubrange(4..<8, with: $0) }
        return bytes
    }

    /// struct if_stats_msg, all zero but filter_mask, which has the IFLA_STATS_FILTER_BIT of each kind.
    static func statsHeader(_ kinds: Int...) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: StatsMessage.headerSize)
        let mask = kinds.reduce(UInt32(0)) { $0 | 1 << UInt32($1 - 1) }
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
