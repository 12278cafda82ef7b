internal import CMnl

/// What a message says of a bridge's port. What it did not carry is nil.
///
/// The state in an AF_UNSPEC event (IFLA_INFO_SLAVE_DATA) is from before the change and reads 0 for a new port;
/// AF_BRIDGE messages (IFLA_PROTINFO) and dumps have the true one.
public struct BridgePortAttributes: Equatable, Sendable {
    /// BR_STATE_*: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking. Source: IFLA_BRPORT_STATE.
    public var state: UInt8?
    /// Source: IFLA_BRPORT_PRIORITY.
    public var priority: UInt16?
    /// Source: IFLA_BRPORT_COST.
    public var cost: UInt32?
    /// Source: IFLA_BRPORT_MODE.
    public var hairpin: Bool?
    /// BPDU guard. Source: IFLA_BRPORT_GUARD.
    public var guarded: Bool?
    /// Source: IFLA_BRPORT_LEARNING.
    public var learning: Bool?
    /// Source: IFLA_BRPORT_UNICAST_FLOOD.
    public var unicastFlood: Bool?
    /// Source: IFLA_BRPORT_NO.
    public var number: UInt16?
    /// Source: IFLA_BRPORT_DESIGNATED_COST.
    public var designatedCost: UInt16?
    /// Source: IFLA_BRPORT_ISOLATED.
    public var isolated: Bool?

    public init() {}

    init(decoding attributes: borrowing Attributes) throws(DecodeError) {
        try attributes.forEach { (attribute) throws(DecodeError) in
            switch attribute.type {
            case Int(IFLA_BRPORT_STATE): state = try attribute.uint8()
            case Int(IFLA_BRPORT_PRIORITY): priority = try attribute.uint16()
            case Int(IFLA_BRPORT_COST): cost = try attribute.uint32()
            case Int(IFLA_BRPORT_MODE): hairpin = try attribute.flag()
            case Int(IFLA_BRPORT_GUARD): guarded = try attribute.flag()
            case Int(IFLA_BRPORT_LEARNING): learning = try attribute.flag()
            case Int(IFLA_BRPORT_UNICAST_FLOOD): unicastFlood = try attribute.flag()
            case Int(IFLA_BRPORT_NO): number = try attribute.uint16()
            case Int(IFLA_BRPORT_DESIGNATED_COST): designatedCost = try attribute.uint16()
            case Int(IFLA_BRPORT_ISOLATED): isolated = try attribute.flag()
            default: break
            }
        }
    }
}
