internal import CMnl

/// What IFLA_INFO_DATA says of a bridge. What the message did not carry is nil. Times are in USER_HZ ticks, 1/100 s.
public struct BridgeAttributes: Equatable, Sendable {
    /// Source: IFLA_BR_FORWARD_DELAY.
    public var forwardDelay: UInt32?
    /// Source: IFLA_BR_HELLO_TIME.
    public var helloTime: UInt32?
    /// Source: IFLA_BR_MAX_AGE.
    public var maximumAge: UInt32?
    /// Source: IFLA_BR_AGEING_TIME.
    public var ageingTime: UInt32?
    /// 0 off, 1 the kernel's, 2 a daemon's. Source: IFLA_BR_STP_STATE.
    public var stpState: UInt32?
    /// Source: IFLA_BR_PRIORITY.
    public var priority: UInt16?
    /// Source: IFLA_BR_VLAN_FILTERING.
    public var vlanFiltering: Bool?
    /// Priority and MAC, 8 bytes. Source: IFLA_BR_ROOT_ID.
    public var rootID: [UInt8]?
    /// Priority and MAC, 8 bytes. Source: IFLA_BR_BRIDGE_ID.
    public var bridgeID: [UInt8]?
    /// Port number, 0 when this bridge is the root. Source: IFLA_BR_ROOT_PORT.
    public var rootPort: UInt16?
    /// Source: IFLA_BR_ROOT_PATH_COST.
    public var rootPathCost: UInt32?
    /// Source: IFLA_BR_TOPOLOGY_CHANGE.
    public var topologyChange: Bool?
    /// Source: IFLA_BR_TOPOLOGY_CHANGE_DETECTED.
    public var topologyChangeDetected: Bool?
    /// Source: IFLA_BR_MCAST_SNOOPING.
    public var multicastSnooping: Bool?
    /// It counts by VLAN. Source: IFLA_BR_VLAN_STATS_ENABLED.
    public var countsVLANs: Bool?
    /// It counts IGMP, MLD and multicast packets. Source: IFLA_BR_MCAST_STATS_ENABLED.
    public var countsMulticast: Bool?
    /// FDB entries learned. Source: IFLA_BR_FDB_N_LEARNED, since 6.7.
    public var learnedEntries: UInt32?
    /// 0 is no limit. Source: IFLA_BR_FDB_MAX_LEARNED, since 6.7.
    public var maximumLearnedEntries: UInt32?

    public init() {}

    init(decoding attributes: borrowing Attributes) throws(DecodeError) {
        try attributes.forEach { (attribute) throws(DecodeError) in
            switch attribute.type {
            case Int(IFLA_BR_FORWARD_DELAY): forwardDelay = try attribute.uint32()
            case Int(IFLA_BR_HELLO_TIME): helloTime = try attribute.uint32()
            case Int(IFLA_BR_MAX_AGE): maximumAge = try attribute.uint32()
            case Int(IFLA_BR_AGEING_TIME): ageingTime = try attribute.uint32()
            case Int(IFLA_BR_STP_STATE): stpState = try attribute.uint32()
            case Int(IFLA_BR_PRIORITY): priority = try attribute.uint16()
            case Int(IFLA_BR_VLAN_FILTERING): vlanFiltering = try attribute.flag()
            case Int(IFLA_BR_ROOT_ID): rootID = try attribute.bytes(8)
            case Int(IFLA_BR_BRIDGE_ID): bridgeID = try attribute.bytes(8)
            case Int(IFLA_BR_ROOT_PORT): rootPort = try attribute.uint16()
            case Int(IFLA_BR_ROOT_PATH_COST): rootPathCost = try attribute.uint32()
            case Int(IFLA_BR_TOPOLOGY_CHANGE): topologyChange = try attribute.flag()
            case Int(IFLA_BR_TOPOLOGY_CHANGE_DETECTED): topologyChangeDetected = try attribute.flag()
            case Int(IFLA_BR_MCAST_SNOOPING): multicastSnooping = try attribute.flag()
            case Int(IFLA_BR_VLAN_STATS_ENABLED): countsVLANs = try attribute.flag()
            case Int(IFLA_BR_MCAST_STATS_ENABLED): countsMulticast = try attribute.flag()
            case NewAttribute.learnedEntries: learnedEntries = try attribute.uint32()
            case NewAttribute.maximumLearnedEntries: maximumLearnedEntries = try attribute.uint32()
            default: break
            }
        }
    }
}

/// Attributes that Debian 12's kernel headers (6.1) lack. Source: linux/if_link.h of 6.18.
private enum NewAttribute {
    static let learnedEntries = 48  // IFLA_BR_FDB_N_LEARNED, 6.7
    static let maximumLearnedEntries = 49  // IFLA_BR_FDB_MAX_LEARNED, 6.7
}
