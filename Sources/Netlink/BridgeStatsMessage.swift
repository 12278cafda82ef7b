internal import CMnl

/// What a bridge or a bridge's port counts beside packets. Counters are in the order of the kernel's structs, which an older
/// kernel may end early; empty where nothing is counted.
public struct BridgeStatsMessage: Equatable, Sendable {
    public var index: Int32
    /// struct bridge_stp_xstats, of a port. Source: BRIDGE_XSTATS_STP.
    public var spanningTree: [UInt64] = []
    /// struct br_mcast_stats: what is sent and received by turns. Source: BRIDGE_XSTATS_MCAST.
    public var multicast: [UInt64] = []
    /// Source: BRIDGE_XSTATS_VLAN.
    public var vlans: [VLAN] = []

    /// struct bridge_vlan_xstats.
    public struct VLAN: Equatable, Sendable {
        public var id: UInt16
        public var receivedBytes: UInt64
        public var receivedPackets: UInt64
        public var sentBytes: UInt64
        public var sentPackets: UInt64

        init(decoding payload: RawSpan) throws(DecodeError) {
            receivedBytes = try payload.load(0, as: UInt64.self)
            receivedPackets = try payload.load(8, as: UInt64.self)
            sentBytes = try payload.load(16, as: UInt64.self)
            sentPackets = try payload.load(24, as: UInt64.self)
            id = try payload.load(32, as: UInt16.self)
        }
    }

    public var isEmpty: Bool { spanningTree.isEmpty && multicast.isEmpty && vlans.isEmpty }

    /// Reads an RTM_NEWSTATS payload. Statistics of other kinds of links, such as a bond's, are passed over.
    init(decoding payload: RawSpan) throws(DecodeError) {
        guard payload.byteCount >= StatsMessage.headerSize else {
            throw DecodeError("stats message of \(payload.byteCount) bytes")
        }
        index = try payload.load(4, as: Int32.self)
        guard index > 0 else { throw DecodeError("stats message for interface index \(index)") }
        try Attributes(payload.extracting(StatsMessage.headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            guard attribute.type == Int(IFLA_STATS_LINK_XSTATS) || attribute.type == Int(IFLA_STATS_LINK_XSTATS_SLAVE)
            else { return }
            try attribute.nested.forEach { (kind) throws(DecodeError) in
                guard kind.type == Int(LINK_XSTATS_TYPE_BRIDGE) else { return }
                try kind.nested.forEach { (part) throws(DecodeError) in try read(part) }
            }
        }
    }

    private mutating func read(_ part: borrowing Attribute) throws(DecodeError) {
        switch part.type {
        case Statistics.vlan: vlans.append(try VLAN(decoding: part.payload))
        case Statistics.multicast: multicast = try Self.counters(part.payload)
        case Statistics.spanningTree: spanningTree = try Self.counters(part.payload)
        default: break
        }
    }

    private static func counters(_ payload: RawSpan) throws(DecodeError) -> [UInt64] {
        var values: [UInt64] = []
        for place in 0..<(payload.byteCount / 8) { values.append(try payload.load(place * 8, as: UInt64.self)) }
        return values
    }
}

/// Of linux/if_bridge.h, which can't be included beside Swift's glibc.
private enum Statistics {
    static let vlan = 1  // BRIDGE_XSTATS_VLAN
    static let multicast = 2  // BRIDGE_XSTATS_MCAST
    static let spanningTree = 4  // BRIDGE_XSTATS_STP
}
