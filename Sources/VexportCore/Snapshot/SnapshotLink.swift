extension Snapshot {
    /// A link as a snapshot tells of it. What the kernel did not say is nil, and absent in JSON.
    public struct Link: Codable, Equatable, Sendable {
        public var name: EscapedText
        public var index: Int32
        /// The label of its namespace; nil for that of vexport.
        public var namespace: EscapedText?
        public var kind: EscapedText
        public var alternativeNames: [EscapedText]?
        public var alias: EscapedText?
        public var address: EscapedText?
        public var broadcast: EscapedText?
        public var permanentAddress: EscapedText?
        public var hardwareType: UInt16?
        public var isAdminUp: Bool
        public var flags: UInt32
        public var carrier: Bool?
        public var carrierChanges: UInt32?
        public var carrierUps: UInt32?
        public var carrierDowns: UInt32?
        /// `up`, `down`, `dormant`, …: see `OperationalState`.
        public var operstate: EscapedText?
        public var linkMode: UInt8?
        public var isProtocolDown: Bool?
        public var mtu: UInt32?
        public var minimumMTU: UInt32?
        public var maximumMTU: UInt32?
        public var group: UInt32?
        public var promiscuity: UInt32?
        public var allMulticast: UInt32?
        public var transmitQueueLength: UInt32?
        public var transmitQueues: UInt32?
        public var receiveQueues: UInt32?
        public var gsoMaximumSize: UInt32?
        /// Mbit/s.
        public var speed: UInt32?
        /// `half`, `full` or `unknown`.
        public var duplex: EscapedText?
        /// The bridge or other link that it is a port of.
        public var master: Reference?
        /// A veth's other end.
        public var peer: Reference?
        /// The link that it stands on: a macvlan's, a VLAN's.
        public var parent: Reference?
        /// Who is at its far end; nil when that is not known.
        public var workload: WorkloadRecord?
        public var bridge: Bridge?
        public var bridgePort: BridgePort?
        public var tun: Tun?
        /// From plugins.
        public var labels: [String: EscapedText]?
        public var counters: CounterValues<UInt64>?
        /// Per second.
        public var rates: CounterValues<Double>?

        /// Another link.
        public struct Reference: Codable, Equatable, Sendable {
            public var index: Int32
            /// nil when the link is not in the snapshot.
            public var name: EscapedText?
            /// The label of the namespace that `index` counts in, empty for that of vexport; nil for the namespace of the
            /// link that refers to it.
            public var namespace: EscapedText?
            /// That namespace by the kernel's number for it, where it has no label here.
            public var namespaceID: Int32?

            enum CodingKeys: String, CodingKey {
                case index = "ifindex"
                case name
                case namespace = "netns"
                case namespaceID = "nsid"
            }
        }

        enum CodingKeys: String, CodingKey {
            case name, kind, alias, address, broadcast, flags, carrier, operstate, group, promiscuity, master, peer
            case duplex, parent, workload, bridge, tun, labels, counters, rates
            case index = "ifindex"
            case namespace = "netns"
            case alternativeNames = "alternative_names"
            case permanentAddress = "permanent_address"
            case hardwareType = "hardware_type"
            case isAdminUp = "admin_up"
            case carrierChanges = "carrier_changes"
            case carrierUps = "carrier_up"
            case carrierDowns = "carrier_down"
            case linkMode = "link_mode"
            case isProtocolDown = "protocol_down"
            case mtu = "mtu_bytes"
            case minimumMTU = "minimum_mtu_bytes"
            case maximumMTU = "maximum_mtu_bytes"
            case allMulticast = "allmulticast"
            case transmitQueueLength = "transmit_queue_length"
            case transmitQueues = "transmit_queues"
            case receiveQueues = "receive_queues"
            case gsoMaximumSize = "gso_maximum_size_bytes"
            case speed = "speed_megabits"
            case bridgePort = "bridge_port"
        }
    }
}

extension Snapshot.Link {
    /// - Parameter record: the frame's record of the link at a place.
    init(_ record: LinkRecord, at recordOf: (LinkPlace) -> LinkRecord?) {
        let (link, state) = (record.link, record.link.state)
        func local(_ index: Int32) -> Reference {
            Reference(index: index, name: recordOf(LinkPlace(link.place.namespace, index))?.link.state.name)
        }
        name = state.name
        index = link.place.index
        namespace = record.namespace
        kind = EscapedText(escaped: state.kind.name)
        alternativeNames = state.alternativeNames.isEmpty ? nil : state.alternativeNames
        alias = state.alias
        address = state.address.map { EscapedText(escaped: $0.description) }
        broadcast = state.broadcast.map { EscapedText(escaped: $0.description) }
        permanentAddress = state.permanentAddress.map { EscapedText(escaped: $0.description) }
        hardwareType = state.hardwareType
        isAdminUp = state.flags.contains(.up)
        flags = state.flags.rawValue
        carrier = state.carrier.isUp
        carrierChanges = state.carrier.changes
        carrierUps = state.carrier.ups
        carrierDowns = state.carrier.downs
        operstate = state.operstate.map {
            EscapedText(escaped: OperationalState(rawValue: $0)?.name ?? "\($0)")
        }
        linkMode = state.linkMode
        isProtocolDown = state.protocolDown
        mtu = state.mtu
        minimumMTU = state.minimumMTU
        maximumMTU = state.maximumMTU
        group = state.group
        promiscuity = state.promiscuity
        allMulticast = state.allMulticast
        transmitQueueLength = state.transmitQueueLength
        transmitQueues = state.transmitQueues
        receiveQueues = state.receiveQueues
        gsoMaximumSize = state.gsoMaximumSize
        speed = state.speed?.megabits
        duplex = state.speed.map { EscapedText(escaped: $0.duplex.rawValue) }
        master = state.masterIndex.map(local)
        let lower = state.lowerLink.map {
            $0.namespaceID == nil ? local($0.index) : Reference(index: $0.index, namespaceID: $0.namespaceID)
        }
        if state.kind == .veth {
            peer =
                link.peer.flatMap(recordOf).map { other in
                    let isNear = other.link.place.namespace == link.place.namespace
                    return Reference(
                        index: other.link.place.index, name: other.link.state.name,
                        namespace: isNear ? nil : other.namespace ?? "")
                } ?? lower
        } else {
            parent = lower
        }
        workload = record.workload.map(WorkloadRecord.init)
        bridge = state.bridge.map(Snapshot.Bridge.init)
        bridgePort = state.bridgePort.map(Snapshot.BridgePort.init)
        tun = state.tun.map(Snapshot.Tun.init)
        labels = record.enrichment.isEmpty ? nil : Label.texts(record.enrichment)
    }
}
