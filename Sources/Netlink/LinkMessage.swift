internal import CMnl

/// One RTM_NEWLINK or RTM_DELLINK message, decoded. What the message did not carry is nil.
///
/// Names and aliases are the kernel's bytes, which need not be UTF-8.
public struct LinkMessage: Equatable, Sendable {
    /// What the message is about.
    public enum Subject: Equatable, Sendable {
        /// The link itself (AF_UNSPEC).
        case link
        /// The link as a bridge's port (AF_BRIDGE); its deletion is a release, not the link's end.
        case bridgePort
    }

    public var subject = Subject.link
    /// RTM_DELLINK.
    public var isDeletion = false
    /// Source: ifi_index.
    public var index: Int32 = 0
    /// ARPHRD_*. Source: ifi_type.
    public var hardwareType: UInt16 = 0
    /// IFF_*. Source: ifi_flags.
    public var flags: UInt32 = 0

    /// Source: IFLA_IFNAME.
    public var name: [UInt8] = []
    /// Source: IFLA_PROP_LIST, IFLA_ALT_IFNAME.
    public var alternativeNames: [[UInt8]] = []
    /// Source: IFLA_IFALIAS.
    public var alias: [UInt8]?
    /// Source: IFLA_ADDRESS.
    public var address: [UInt8]?
    /// Source: IFLA_BROADCAST.
    public var broadcast: [UInt8]?
    /// Source: IFLA_PERM_ADDRESS.
    public var permanentAddress: [UInt8]?
    /// Bytes. Source: IFLA_MTU.
    public var mtu: UInt32?
    /// Bytes. Source: IFLA_MIN_MTU.
    public var minimumMTU: UInt32?
    /// Bytes; 0 is no limit. Source: IFLA_MAX_MTU.
    public var maximumMTU: UInt32?
    /// Source: IFLA_GROUP.
    public var group: UInt32?
    /// How many users want every frame. Source: IFLA_PROMISCUITY.
    public var promiscuity: UInt32?
    /// How many users want every multicast frame. Source: IFLA_ALLMULTI.
    public var allMulticast: UInt32?
    /// Packets. Source: IFLA_TXQLEN.
    public var transmitQueueLength: UInt32?
    /// Source: IFLA_NUM_TX_QUEUES.
    public var transmitQueues: UInt32?
    /// Source: IFLA_NUM_RX_QUEUES.
    public var receiveQueues: UInt32?
    /// Bytes. Source: IFLA_GSO_MAX_SIZE.
    public var gsoMaximumSize: UInt32?
    /// IF_OPER_*, RFC 2863. Source: IFLA_OPERSTATE.
    public var operstate: UInt8?
    /// 0 default, 1 dormant. Source: IFLA_LINKMODE.
    public var linkMode: UInt8?
    /// Source: IFLA_CARRIER.
    public var carrier: Bool?
    /// Source: IFLA_CARRIER_CHANGES.
    public var carrierChanges: UInt32?
    /// Source: IFLA_CARRIER_UP_COUNT.
    public var carrierUpCount: UInt32?
    /// Source: IFLA_CARRIER_DOWN_COUNT.
    public var carrierDownCount: UInt32?
    /// Source: IFLA_PROTO_DOWN.
    public var protocolDown: Bool?
    /// Source: IFLA_MASTER.
    public var masterIndex: Int32?
    /// The peer of a veth, the parent of a macvlan. Source: IFLA_LINK.
    public var lowerIndex: Int32?
    /// nsid of the namespace `lowerIndex` counts in; nil is the link's own. Source: IFLA_LINK_NETNSID.
    public var lowerNamespaceID: Int32?
    /// Where a moved link went. Source: IFLA_NEW_NETNSID.
    public var newNamespaceID: Int32?
    /// Its index there. Source: IFLA_NEW_IFINDEX.
    public var newIndex: Int32?
    /// Source: IFLA_LINKINFO, IFLA_INFO_KIND.
    public var kind: String?
    /// What it is a port of. Source: IFLA_LINKINFO, IFLA_INFO_SLAVE_KIND.
    public var portKind: String?
    /// Of a bridge. Source: IFLA_INFO_DATA.
    public var bridge: BridgeAttributes?
    /// Of a tap or tun. Source: IFLA_INFO_DATA.
    public var tun: TunAttributes?
    /// Of a bridge's port. Source: IFLA_INFO_SLAVE_DATA or, in AF_BRIDGE, IFLA_PROTINFO.
    public var bridgePort: BridgePortAttributes?

    public init() {}

    /// Reads an RTM_NEWLINK or RTM_DELLINK payload (struct ifinfomsg and attributes).
    ///
    /// - Parameter type: the message's type.
    /// - Throws: `DecodeError` on any length that does not fit.
    public init(decoding payload: RawSpan, type: UInt16) throws(DecodeError) {
        guard payload.byteCount >= Self.headerSize else {
            throw DecodeError("link message of \(payload.byteCount) bytes, its header has \(Self.headerSize)")
        }
        isDeletion = Int(type) == Int(RTM_DELLINK)
        subject = try payload.load(0, as: UInt8.self) == UInt8(AF_BRIDGE) ? .bridgePort : .link
        hardwareType = try payload.load(2, as: UInt16.self)
        index = try payload.load(4, as: Int32.self)
        flags = try payload.load(8, as: UInt32.self)
        guard index > 0 else { throw DecodeError("link message with interface index \(index)") }
        let attributes = Attributes(payload.extracting(Self.headerSize..<payload.byteCount))
        try attributes.forEach { (attribute) throws(DecodeError) in try read(attribute) }
        try checkLimits()
        guard !name.isEmpty || subject == .bridgePort else { throw DecodeError("link \(index) without IFLA_IFNAME") }
    }

    /// sizeof(struct ifinfomsg).
    static let headerSize = 16

    /// IFNAMSIZ, IFALIASZ, ALTIFNAMSIZ, MODULE_NAME_LEN and MAX_ADDR_LEN: what is shown of a link stays small.
    private func checkLimits() throws(DecodeError) {
        guard name.count < 16, alias.map({ $0.count < 256 }) ?? true, alternativeNames.allSatisfy({ $0.count < 128 })
        else { throw DecodeError("link \(index) has a name or alias beyond the kernel's limit") }
        guard [kind, portKind].allSatisfy({ ($0?.utf8.count ?? 0) < 64 }) else {
            throw DecodeError("link \(index) has a kind beyond the kernel's limit")
        }
        guard [address, broadcast, permanentAddress].allSatisfy({ ($0?.count ?? 0) <= 32 }) else {
            throw DecodeError("link \(index) has an address beyond the kernel's limit")
        }
    }

    private mutating func read(_ attribute: borrowing Attribute) throws(DecodeError) {
        switch attribute.type {
        case Int(IFLA_IFNAME): name = attribute.cString()
        case Int(IFLA_IFALIAS): alias = attribute.cString()
        case Int(IFLA_ADDRESS): address = attribute.bytes()
        case Int(IFLA_BROADCAST): broadcast = attribute.bytes()
        case Int(IFLA_PERM_ADDRESS): permanentAddress = attribute.bytes()
        case Int(IFLA_MTU): mtu = try attribute.uint32()
        case Int(IFLA_MIN_MTU): minimumMTU = try attribute.uint32()
        case Int(IFLA_MAX_MTU): maximumMTU = try attribute.uint32()
        case Int(IFLA_GROUP): group = try attribute.uint32()
        case Int(IFLA_PROMISCUITY): promiscuity = try attribute.uint32()
        case Int(IFLA_ALLMULTI): allMulticast = try attribute.uint32()
        case Int(IFLA_TXQLEN): transmitQueueLength = try attribute.uint32()
        case Int(IFLA_NUM_TX_QUEUES): transmitQueues = try attribute.uint32()
        case Int(IFLA_NUM_RX_QUEUES): receiveQueues = try attribute.uint32()
        case Int(IFLA_GSO_MAX_SIZE): gsoMaximumSize = try attribute.uint32()
        case Int(IFLA_OPERSTATE): operstate = try attribute.uint8()
        case Int(IFLA_LINKMODE): linkMode = try attribute.uint8()
        case Int(IFLA_CARRIER): carrier = try attribute.flag()
        case Int(IFLA_CARRIER_CHANGES): carrierChanges = try attribute.uint32()
        case Int(IFLA_CARRIER_UP_COUNT): carrierUpCount = try attribute.uint32()
        case Int(IFLA_CARRIER_DOWN_COUNT): carrierDownCount = try attribute.uint32()
        case Int(IFLA_PROTO_DOWN): protocolDown = try attribute.flag()
        case Int(IFLA_MASTER): masterIndex = try attribute.int32()
        case Int(IFLA_LINK): lowerIndex = try attribute.int32()
        case Int(IFLA_LINK_NETNSID): lowerNamespaceID = try attribute.int32()
        case Int(IFLA_NEW_NETNSID): newNamespaceID = try attribute.int32()
        case Int(IFLA_NEW_IFINDEX): newIndex = try attribute.int32()
        case Int(IFLA_PROP_LIST): try readAlternativeNames(attribute)
        case Int(IFLA_LINKINFO): try readLinkInfo(attribute)
        case Int(IFLA_PROTINFO) where subject == .bridgePort:
            bridgePort = try BridgePortAttributes(decoding: attribute.nested)
        default: break  // a newer kernel's attribute, or one nobody here asks for
        }
    }

    private mutating func readAlternativeNames(_ list: borrowing Attribute) throws(DecodeError) {
        try list.nested.forEach { (attribute) throws(DecodeError) in
            if attribute.type == Int(IFLA_ALT_IFNAME) { alternativeNames.append(attribute.cString()) }
        }
    }

    /// IFLA_LINKINFO names the kinds before it gives their data, so one pass is enough.
    private mutating func readLinkInfo(_ info: borrowing Attribute) throws(DecodeError) {
        try info.nested.forEach { (attribute) throws(DecodeError) in
            switch attribute.type {
            case Int(IFLA_INFO_KIND): kind = String(decoding: attribute.cString(), as: UTF8.self)
            case Int(IFLA_INFO_SLAVE_KIND): portKind = String(decoding: attribute.cString(), as: UTF8.self)
            case Int(IFLA_INFO_DATA):
                switch kind {
                case "bridge": bridge = try BridgeAttributes(decoding: attribute.nested)
                case "tun": tun = try TunAttributes(decoding: attribute.nested)
                default: break
                }
            case Int(IFLA_INFO_SLAVE_DATA) where portKind == "bridge":
                bridgePort = try BridgePortAttributes(decoding: attribute.nested)
            default: break
            }
        }
    }
}
