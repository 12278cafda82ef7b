/// What is read of a bridge or a bridge's port now and then: neither events nor ticks tell it.
public struct BridgeReading: Equatable, Sendable {
    /// Of a port. nil when it was not read.
    public var forwarding: ForwardingEntries?
    /// Of a port. nil when it was not read, and where the kernel runs no spanning tree.
    public var spanningTree: SpanningTreeCounters?
    /// nil when it was not read, and for a bridge that does not count it.
    public var multicast: MulticastCounters?
    /// Of a bridge, by VLAN. Empty when they were not read, and for a bridge that does not count by VLAN.
    public var vlans: [UInt16: VLANCounters] = [:]

    public init() {}

    /// Leaves out what the bridge does not count, which the kernel says is 0. Source: IFLA_BR_STP_STATE,
    /// IFLA_BR_MCAST_STATS_ENABLED, IFLA_BR_VLAN_FILTERING, IFLA_BR_VLAN_STATS_ENABLED.
    func counted(by bridge: LinkState.Bridge?) -> BridgeReading {
        var reading = self
        if bridge?.stp != 1 { reading.spanningTree = nil }
        if bridge?.countsMulticast != true { reading.multicast = nil }
        if bridge?.vlanFiltering != true || bridge?.countsVLANs != true { reading.vlans = [:] }
        return reading
    }
}

/// The addresses that a bridge knows behind a port, but for the port's own. Source: RTM_GETNEIGH, AF_BRIDGE.
public struct ForwardingEntries: Equatable, Sendable {
    /// How many addresses are kept: guests can make a bridge learn any number.
    static let most = 8

    /// How many it has learned.
    public private(set) var learned = 0
    /// How many somebody put in. Source: NUD_NOARP.
    public private(set) var fixed = 0
    /// Some of them.
    public private(set) var addresses: [HardwareAddress] = []

    public init() {}

    public mutating func add(_ address: [UInt8], isStatic: Bool) {
        if isStatic { fixed += 1 } else { learned += 1 }
        if addresses.count < Self.most { addresses.append(HardwareAddress(address)) }
    }
}

/// What a port counts of the spanning tree. Source: struct bridge_stp_xstats.
public struct SpanningTreeCounters: Equatable, Sendable {
    /// In the order of the struct, under the names that they have everywhere.
    static let names = [
        "blocking_transitions", "forwarding_transitions", "receive_bpdus", "transmit_bpdus", "receive_topology_changes",
        "transmit_topology_changes",
    ]

    let values: [UInt64]

    /// nil when the kernel does not count it.
    public init?(_ values: [UInt64]) {
        guard values.count >= Self.names.count else { return nil }
        self.values = Array(values.prefix(Self.names.count))
    }
}

/// What a bridge or a port counts of multicast. Source: struct br_mcast_stats.
public struct MulticastCounters: Equatable, Sendable {
    /// A kind of message that there are two counters of: received and sent.
    struct Message: Sendable {
        let type: String
        /// Of the counter of those received; the other follows.
        let place: Int
    }

    static let igmp = [
        Message(type: "v1_query", place: 0), Message(type: "v2_query", place: 2), Message(type: "v3_query", place: 4),
        Message(type: "leave", place: 6), Message(type: "v1_report", place: 8), Message(type: "v2_report", place: 10),
        Message(type: "v3_report", place: 12),
    ]
    static let mld = [
        Message(type: "v1_query", place: 15), Message(type: "v2_query", place: 17), Message(type: "leave", place: 19),
        Message(type: "v1_report", place: 21), Message(type: "v2_report", place: 23),
    ]
    private static let count = 30

    private let values: [UInt64]

    /// nil when the kernel does not count it.
    public init?(_ values: [UInt64]) {
        guard values.count >= Self.count else { return nil }
        self.values = Array(values.prefix(Self.count))
    }

    func received(_ message: Message) -> UInt64 { values[message.place] }
    func sent(_ message: Message) -> UInt64 { values[message.place + 1] }
    /// Messages that were none.
    var igmpErrors: UInt64 { values[14] }
    var mldErrors: UInt64 { values[25] }
    /// Received and sent.
    var bytes: (UInt64, UInt64) { (values[26], values[27]) }
    var packets: (UInt64, UInt64) { (values[28], values[29]) }
}

/// What a bridge counts of one VLAN. Source: struct bridge_vlan_xstats.
public struct VLANCounters: Equatable, Sendable {
    public var receivedBytes: UInt64
    public var receivedPackets: UInt64
    public var sentBytes: UInt64
    public var sentPackets: UInt64

    public init(receivedBytes: UInt64, receivedPackets: UInt64, sentBytes: UInt64, sentPackets: UInt64) {
        self.receivedBytes = receivedBytes
        self.receivedPackets = receivedPackets
        self.sentBytes = sentBytes
        self.sentPackets = sentPackets
    }
}
