/// Everything rtnetlink says of a link at one moment. What the kernel did not say is nil.
///
/// Strings are safe to show: those from outside are `EscapedText`.
public struct LinkState: Equatable, Sendable {
    /// Source: IFLA_IFNAME.
    public var name: EscapedText
    /// Source: IFLA_INFO_KIND.
    public var kind: LinkKind
    /// Source: IFLA_ALT_IFNAME.
    public var alternativeNames: [EscapedText] = []
    /// Source: IFLA_IFALIAS.
    public var alias: EscapedText?
    /// Source: IFLA_ADDRESS.
    public var address: HardwareAddress?
    /// Source: IFLA_BROADCAST.
    public var broadcast: HardwareAddress?
    /// Source: IFLA_PERM_ADDRESS.
    public var permanentAddress: HardwareAddress?
    /// ARPHRD_*. Source: ifi_type.
    public var hardwareType: UInt16 = 0
    /// Source: ifi_flags.
    public var flags: LinkFlags = []
    /// RFC 2863, see `OperationalState`. Source: IFLA_OPERSTATE.
    public var operstate: UInt8?
    /// 0 default, 1 dormant. Source: IFLA_LINKMODE.
    public var linkMode: UInt8?
    public var carrier: Carrier = .init()
    /// Source: IFLA_PROTO_DOWN.
    public var protocolDown: Bool?
    /// Bytes. Source: IFLA_MTU.
    public var mtu: UInt32?
    /// Bytes. Source: IFLA_MIN_MTU.
    public var minimumMTU: UInt32?
    /// Bytes, 0 for no limit. Source: IFLA_MAX_MTU.
    public var maximumMTU: UInt32?
    /// Source: IFLA_GROUP.
    public var group: UInt32?
    /// Source: IFLA_PROMISCUITY.
    public var promiscuity: UInt32?
    /// Source: IFLA_ALLMULTI.
    public var allMulticast: UInt32?
    /// Packets. Source: IFLA_TXQLEN.
    public var transmitQueueLength: UInt32?
    /// Source: IFLA_NUM_TX_QUEUES.
    public var transmitQueues: UInt32?
    /// Source: IFLA_NUM_RX_QUEUES.
    public var receiveQueues: UInt32?
    /// Bytes. Source: IFLA_GSO_MAX_SIZE.
    public var gsoMaximumSize: UInt32?
    /// nil for a link without, and where nobody asked for it: it comes as `LinkChange.speeds`, not from rtnetlink.
    public var speed: Speed?
    /// Source: IFLA_MASTER.
    public var masterIndex: Int32?
    /// A veth's peer, a macvlan's parent. Source: IFLA_LINK, IFLA_LINK_NETNSID.
    public var lowerLink: LowerLink?
    /// It could stand on another link and stands on none, as a tunnel may. Source: an IFLA_LINK of 0.
    public var standsOnNone = false
    /// Of a bridge.
    public var bridge: Bridge?
    /// Of a bridge's port.
    public var bridgePort: BridgePort?
    /// Of a tap or tun.
    public var tun: Tun?

    public init(name: EscapedText, kind: LinkKind) {
        self.name = name
        self.kind = kind
    }

    /// Whether a cable is plugged in, so to speak, and how often that changed.
    public struct Carrier: Equatable, Sendable {
        /// Source: IFLA_CARRIER.
        public var isUp: Bool?
        /// Up and down together. Source: IFLA_CARRIER_CHANGES.
        public var changes: UInt32?
        /// Source: IFLA_CARRIER_UP_COUNT.
        public var ups: UInt32?
        /// 1 at a veth's birth. Source: IFLA_CARRIER_DOWN_COUNT.
        public var downs: UInt32?

        public init(isUp: Bool? = nil, changes: UInt32? = nil, ups: UInt32? = nil, downs: UInt32? = nil) {
            self.isUp = isUp
            self.changes = changes
            self.ups = ups
            self.downs = downs
        }

        /// Whether this was read before `other` of the same link. The counters wrap at 2^32.
        func isOlder(than other: Carrier) -> Bool {
            guard let changes, let otherChanges = other.changes else { return false }
            return Int32(bitPattern: changes &- otherChanges) < 0
        }
    }

    /// How fast the link's driver says that it is.
    public struct Speed: Equatable, Sendable {
        public enum Duplex: String, Sendable {
            case half, full, unknown
        }

        /// Mbit/s; nil when the driver does not know. Source: ETHTOOL_A_LINKMODES_SPEED.
        public var megabits: UInt32?
        /// Source: ETHTOOL_A_LINKMODES_DUPLEX.
        public var duplex: Duplex

        public init(megabits: UInt32?, duplex: Duplex) {
            self.megabits = megabits
            self.duplex = duplex
        }
    }

    /// The link that a link stands on or leads to.
    public struct LowerLink: Hashable, Sendable {
        public var index: Int32
        /// nil when `index` counts in the link's own namespace, else that namespace's nsid.
        public var namespaceID: Int32?

        public init(index: Int32, namespaceID: Int32? = nil) {
            self.index = index
            self.namespaceID = namespaceID
        }
    }

    /// What only a bridge has.
    public struct Bridge: Equatable, Sendable {
        /// 0 off, 1 the kernel's, 2 a daemon's. Source: IFLA_BR_STP_STATE.
        public var stp: UInt32?
        /// Source: IFLA_BR_PRIORITY.
        public var priority: UInt16?
        /// Source: IFLA_BR_FORWARD_DELAY.
        public var forwardDelay: Duration?
        /// Source: IFLA_BR_HELLO_TIME.
        public var helloTime: Duration?
        /// Source: IFLA_BR_MAX_AGE.
        public var maximumAge: Duration?
        /// Source: IFLA_BR_AGEING_TIME.
        public var ageingTime: Duration?
        /// Source: IFLA_BR_VLAN_FILTERING.
        public var vlanFiltering: Bool?
        /// Source: IFLA_BR_MCAST_SNOOPING.
        public var multicastSnooping: Bool?
        /// Priority and MAC, as `8000.525400770001`. Source: IFLA_BR_BRIDGE_ID.
        public var bridgeID: String?
        /// The root bridge's. Source: IFLA_BR_ROOT_ID.
        public var rootID: String?
        /// Port number, 0 on the root itself. Source: IFLA_BR_ROOT_PORT.
        public var rootPort: UInt16?
        /// Source: IFLA_BR_ROOT_PATH_COST.
        public var rootPathCost: UInt32?
        /// Source: IFLA_BR_TOPOLOGY_CHANGE.
        public var topologyChange: Bool?
        /// Source: IFLA_BR_TOPOLOGY_CHANGE_DETECTED.
        public var topologyChangeDetected: Bool?
        /// It counts by VLAN. Source: IFLA_BR_VLAN_STATS_ENABLED.
        public var countsVLANs: Bool?
        /// It counts IGMP, MLD and multicast packets. Source: IFLA_BR_MCAST_STATS_ENABLED.
        public var countsMulticast: Bool?
        /// Source: IFLA_BR_FDB_N_LEARNED, since 6.7.
        public var learnedEntries: UInt32?
        /// 0 for no limit. Source: IFLA_BR_FDB_MAX_LEARNED, since 6.7.
        public var maximumLearnedEntries: UInt32?

        public init() {}
    }

    /// What only a bridge's port has.
    public struct BridgePort: Equatable, Sendable {
        /// 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking. Source: IFLA_BRPORT_STATE.
        public var state: UInt8?
        /// Source: IFLA_BRPORT_NO.
        public var number: UInt16?
        /// Source: IFLA_BRPORT_PRIORITY.
        public var priority: UInt16?
        /// Source: IFLA_BRPORT_COST.
        public var cost: UInt32?
        /// Source: IFLA_BRPORT_DESIGNATED_COST.
        public var designatedCost: UInt16?
        /// Source: IFLA_BRPORT_MODE.
        public var hairpin: Bool?
        /// Source: IFLA_BRPORT_GUARD.
        public var guarded: Bool?
        /// Source: IFLA_BRPORT_LEARNING.
        public var learning: Bool?
        /// Source: IFLA_BRPORT_UNICAST_FLOOD.
        public var unicastFlood: Bool?
        /// Source: IFLA_BRPORT_ISOLATED.
        public var isolated: Bool?

        public init() {}
    }

    /// What only a tap or tun has.
    public struct Tun: Equatable, Sendable {
        /// User id. Source: IFLA_TUN_OWNER.
        public var owner: UInt32?
        /// Group id. Source: IFLA_TUN_GROUP.
        public var group: UInt32?
        /// Source: IFLA_TUN_PI.
        public var packetInformation: Bool?
        /// Source: IFLA_TUN_VNET_HDR.
        public var virtioNetHeader: Bool?
        /// Source: IFLA_TUN_PERSIST.
        public var persistent: Bool?
        /// Source: IFLA_TUN_MULTI_QUEUE.
        public var multiQueue: Bool?
        /// Source: IFLA_TUN_NUM_QUEUES.
        public var queues: UInt32?
        /// Source: IFLA_TUN_NUM_DISABLED_QUEUES.
        public var disabledQueues: UInt32?

        public init() {}
    }
}

/// Interface flags. Source: ifi_flags, linux/if.h.
public struct LinkFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let up = LinkFlags(rawValue: 1 << 0)  // IFF_UP
    public static let loopback = LinkFlags(rawValue: 1 << 3)  // IFF_LOOPBACK
    public static let running = LinkFlags(rawValue: 1 << 6)  // IFF_RUNNING
    public static let promiscuous = LinkFlags(rawValue: 1 << 8)  // IFF_PROMISC
    public static let allMulticast = LinkFlags(rawValue: 1 << 9)  // IFF_ALLMULTI
    public static let lowerUp = LinkFlags(rawValue: 1 << 16)  // IFF_LOWER_UP
    public static let dormant = LinkFlags(rawValue: 1 << 17)  // IFF_DORMANT
}

/// IF_OPER_*, RFC 2863. The numbers are the kernel's and the metric's.
public enum OperationalState: UInt8, CaseIterable, Sendable {
    case unknown, notPresent, down, lowerLayerDown, testing, dormant, up

    /// As sysfs spells it.
    var name: String {
        switch self {
        case .unknown: "unknown"
        case .notPresent: "notpresent"
        case .down: "down"
        case .lowerLayerDown: "lowerlayerdown"
        case .testing: "testing"
        case .dormant: "dormant"
        case .up: "up"
        }
    }
}

/// A hardware address of up to 32 bytes, as text: `52:54:00:77:00:0b`.
public struct HardwareAddress: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ bytes: [UInt8]) {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 3)
        for byte in bytes {
            if !text.isEmpty { text.append(UInt8(ascii: ":")) }
            Self.append(hex: byte, to: &text)
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// A bridge identifier, as brctl shows it: two bytes of priority, a point, the MAC.
    public static func bridgeID(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for (position, byte) in bytes.enumerated() {
            if position == 2 { text.append(UInt8(ascii: ".")) }
            append(hex: byte, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(hex byte: UInt8, to text: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        unsafe text.append(digits.utf8Start[Int(byte >> 4)])
        unsafe text.append(digits.utf8Start[Int(byte & 15)])
    }
}
