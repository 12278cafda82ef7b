// What a snapshot tells of a link that only some kinds have. Seconds are seconds, with fractions.

extension Snapshot {
    /// Of a bridge. Sources: see `LinkState.Bridge`.
    public struct Bridge: Codable, Equatable, Sendable {
        /// `off`, `kernel` or `daemon`.
        public var stp: EscapedText?
        public var priority: UInt16?
        public var forwardDelay: Double?
        public var helloTime: Double?
        public var maximumAge: Double?
        public var ageingTime: Double?
        public var vlanFiltering: Bool?
        public var multicastSnooping: Bool?
        public var bridgeID: EscapedText?
        public var rootID: EscapedText?
        public var rootPort: UInt16?
        public var rootPathCost: UInt32?
        public var topologyChange: Bool?
        public var topologyChangeDetected: Bool?
        public var learnedEntries: UInt32?
        public var maximumLearnedEntries: UInt32?
        public var countsVLANs: Bool?
        public var countsMulticast: Bool?
        /// Of multicast, where the bridge counts it.
        public var counters: [String: UInt64]?

        enum CodingKeys: String, CodingKey {
            case stp, priority, counters
            case forwardDelay = "forward_delay_seconds"
            case helloTime = "hello_time_seconds"
            case maximumAge = "maximum_age_seconds"
            case ageingTime = "ageing_time_seconds"
            case vlanFiltering = "vlan_filtering"
            case multicastSnooping = "multicast_snooping"
            case bridgeID = "bridge_id"
            case rootID = "root_id"
            case rootPort = "root_port"
            case rootPathCost = "root_path_cost"
            case topologyChange = "topology_change"
            case topologyChangeDetected = "topology_change_detected"
            case learnedEntries = "learned_entries"
            case maximumLearnedEntries = "maximum_learned_entries"
            case countsVLANs = "counts_vlans"
            case countsMulticast = "counts_multicast"
        }

        init(_ state: LinkState.Bridge) {
            stp = state.stp.map { EscapedText(escaped: ["off", "kernel", "daemon"][name: $0]) }
            priority = state.priority
            forwardDelay = state.forwardDelay?.seconds
            helloTime = state.helloTime?.seconds
            maximumAge = state.maximumAge?.seconds
            ageingTime = state.ageingTime?.seconds
            vlanFiltering = state.vlanFiltering
            multicastSnooping = state.multicastSnooping
            bridgeID = state.bridgeID.map { EscapedText(escaped: $0) }
            rootID = state.rootID.map { EscapedText(escaped: $0) }
            rootPort = state.rootPort
            rootPathCost = state.rootPathCost
            topologyChange = state.topologyChange
            topologyChangeDetected = state.topologyChangeDetected
            learnedEntries = state.learnedEntries
            maximumLearnedEntries = state.maximumLearnedEntries
            countsVLANs = state.countsVLANs
            countsMulticast = state.countsMulticast
        }
    }

    /// Of a bridge's port. Sources: see `LinkState.BridgePort`.
    public struct BridgePort: Codable, Equatable, Sendable {
        /// `disabled`, `listening`, `learning`, `forwarding` or `blocking`.
        public var state: EscapedText?
        public var number: UInt16?
        public var priority: UInt16?
        public var cost: UInt32?
        public var designatedCost: UInt16?
        public var hairpin: Bool?
        public var isGuarded: Bool?
        public var learning: Bool?
        public var unicastFlood: Bool?
        public var isIsolated: Bool?
        /// How many addresses the bridge has learned behind it.
        public var learnedEntries: Int?
        /// How many somebody put in.
        public var staticEntries: Int?
        /// Some of these addresses.
        public var addresses: [EscapedText]?
        /// Of the spanning tree, and of multicast where the bridge counts it.
        public var counters: [String: UInt64]?

        enum CodingKeys: String, CodingKey {
            case state, number, priority, cost, hairpin, learning, addresses, counters
            case designatedCost = "designated_cost"
            case isGuarded = "guarded"
            case unicastFlood = "unicast_flood"
            case isIsolated = "isolated"
            case learnedEntries = "learned_entries"
            case staticEntries = "static_entries"
        }

        init(_ port: LinkState.BridgePort) {
            state = port.state.map {
                EscapedText(escaped: ["disabled", "listening", "learning", "forwarding", "blocking"][name: UInt32($0)])
            }
            number = port.number
            priority = port.priority
            cost = port.cost
            designatedCost = port.designatedCost
            hairpin = port.hairpin
            isGuarded = port.guarded
            learning = port.learning
            unicastFlood = port.unicastFlood
            isIsolated = port.isolated
        }
    }

    /// Of a tap or tun. Sources: see `LinkState.Tun`.
    public struct Tun: Codable, Equatable, Sendable {
        public var owner: UInt32?
        public var group: UInt32?
        public var hasPacketInformation: Bool?
        public var hasVirtioNetHeader: Bool?
        public var isPersistent: Bool?
        public var isMultiQueue: Bool?
        public var queues: UInt32?
        public var disabledQueues: UInt32?

        enum CodingKeys: String, CodingKey {
            case owner, group, queues
            case hasPacketInformation = "packet_information"
            case hasVirtioNetHeader = "virtio_net_header"
            case isPersistent = "persistent"
            case isMultiQueue = "multi_queue"
            case disabledQueues = "disabled_queues"
        }

        init(_ state: LinkState.Tun) {
            owner = state.owner
            group = state.group
            hasPacketInformation = state.packetInformation
            hasVirtioNetHeader = state.virtioNetHeader
            isPersistent = state.persistent
            isMultiQueue = state.multiQueue
            queues = state.queues
            disabledQueues = state.disabledQueues
        }
    }
}

extension [String] {
    /// The name of a kernel's number, or the number itself where it has none here.
    fileprivate subscript(name number: UInt32) -> String {
        number < count ? self[Int(number)] : String(number)
    }
}
