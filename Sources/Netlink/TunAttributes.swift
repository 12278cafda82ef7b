internal import CMnl

/// What IFLA_INFO_DATA says of a tap or tun. What the message did not carry is nil.
public struct TunAttributes: Equatable, Sendable {
    /// User id that may attach. Source: IFLA_TUN_OWNER.
    public var owner: UInt32?
    /// Group id that may attach. Source: IFLA_TUN_GROUP.
    public var group: UInt32?
    /// 1 tun (IP packets), 2 tap (Ethernet frames). Source: IFLA_TUN_TYPE.
    public var type: UInt8?
    /// Each packet is preceded by struct tun_pi. Source: IFLA_TUN_PI.
    public var packetInformation: Bool?
    /// Source: IFLA_TUN_VNET_HDR.
    public var virtioNetHeader: Bool?
    /// Stays when its last descriptor closes. False in the creation event whatever follows, and no event tells of the
    /// change: ask again. Source: IFLA_TUN_PERSIST.
    public var persistent: Bool?
    /// Source: IFLA_TUN_MULTI_QUEUE.
    public var multiQueue: Bool?
    /// Attached queues, of a multi-queue device only. Source: IFLA_TUN_NUM_QUEUES.
    public var queues: UInt32?
    /// Detached queues, likewise. Source: IFLA_TUN_NUM_DISABLED_QUEUES.
    public var disabledQueues: UInt32?

    public init() {}

    init(decoding attributes: borrowing Attributes) throws(DecodeError) {
        try attributes.forEach { (attribute) throws(DecodeError) in
            switch attribute.type {
            case Int(IFLA_TUN_OWNER): owner = try attribute.uint32()
            case Int(IFLA_TUN_GROUP): group = try attribute.uint32()
            case Int(IFLA_TUN_TYPE): type = try attribute.uint8()
            case Int(IFLA_TUN_PI): packetInformation = try attribute.flag()
            case Int(IFLA_TUN_VNET_HDR): virtioNetHeader = try attribute.flag()
            case Int(IFLA_TUN_PERSIST): persistent = try attribute.flag()
            case Int(IFLA_TUN_MULTI_QUEUE): multiQueue = try attribute.flag()
            case Int(IFLA_TUN_NUM_QUEUES): queues = try attribute.uint32()
            case Int(IFLA_TUN_NUM_DISABLED_QUEUES): disabledQueues = try attribute.uint32()
            default: break
            }
        }
    }
}
