internal import Netlink
import VexportCore

extension LinkChange {
    /// What an event means; nil for one that says nothing of a link, a port or a namespace.
    ///
    /// - Parameter namespace: where it happened; nil in vexport's own.
    init?(_ event: NetlinkSocket.Event, from namespace: NSID?) {
        switch event {
        case .link(let message, let requester):
            guard let change = LinkChange(message, from: namespace) else { return nil }
            self = requester == 0 ? change : .requested(change, by: requester)
        case .namespaceNumber(let nsid, let isDeletion):
            // Another namespace's table is its own affair.
            guard namespace == nil else { return nil }
            self = isDeletion ? .namespaceGone(nsid) : .namespaceNumbered(nsid)
        }
    }

    private init?(_ message: LinkMessage, from namespace: NSID?) {
        let index = message.index
        switch (message.subject, message.isDeletion) {
        case (.link, false): self = .announced(in: namespace, index: index, LinkState(message))
        case (.link, true):
            guard let target = message.newNamespaceID else {
                self = .deleted(in: namespace, index: index)
                return
            }
            // Before Linux 5.1 the message lacks the index: the kernel keeps it where it can.
            self = .movedAway(in: namespace, index: index, to: LinkAddress(target, message.newIndex ?? index))
        case (.bridgePort, false):
            // Without port data it is about VLANs, or comes from a network card's own switch.
            guard let port = message.bridgePort else { return nil }
            self = .portAnnounced(in: namespace, index: index, LinkState.BridgePort(port))
        case (.bridgePort, true): self = .portReleased(in: namespace, index: index)
        }
    }
}

extension LinkState {
    init(_ message: LinkMessage) {
        let flags = LinkFlags(rawValue: message.flags)
        self.init(
            name: EscapedText(message.name),
            kind: LinkKind(
                name: message.kind.map { EscapedText($0.utf8).description }, isLoopback: flags.contains(.loopback),
                tunType: message.tun?.type))
        alternativeNames = message.alternativeNames.map { EscapedText($0) }
        alias = message.alias.map { EscapedText($0) }
        address = message.address.map(HardwareAddress.init)
        broadcast = message.broadcast.map(HardwareAddress.init)
        permanentAddress = message.permanentAddress.map(HardwareAddress.init)
        hardwareType = message.hardwareType
        self.flags = flags
        operstate = message.operstate
        linkMode = message.linkMode
        carrier = Carrier(
            isUp: message.carrier, changes: message.carrierChanges, ups: message.carrierUpCount,
            downs: message.carrierDownCount)
        protocolDown = message.protocolDown
        mtu = message.mtu
        minimumMTU = message.minimumMTU
        maximumMTU = message.maximumMTU
        group = message.group
        promiscuity = message.promiscuity
        allMulticast = message.allMulticast
        transmitQueueLength = message.transmitQueueLength
        transmitQueues = message.transmitQueues
        receiveQueues = message.receiveQueues
        gsoMaximumSize = message.gsoMaximumSize
        masterIndex = message.masterIndex.flatMap { $0 > 0 ? $0 : nil }
        lowerLink = message.lowerIndex.flatMap {
            $0 > 0 ? LowerLink(index: $0, namespaceID: message.lowerNamespaceID) : nil
        }
        standsOnNone = message.lowerIndex == 0
        bridge = message.bridge.map(Bridge.init)
        bridgePort = message.bridgePort.map(BridgePort.init)
        tun = message.tun.map(Tun.init)
    }
}

extension LinkState.Speed {
    init?(_ speed: LinkSpeed) {
        guard let megabits = speed.megabits else { return nil }
        let duplex: Duplex =
            switch speed.duplex {
            case 0: .half
            case 1: .full
            default: .unknown
            }
        self.init(megabits: megabits == .max ? nil : megabits, duplex: duplex)
    }
}

extension LinkState.Bridge {
    init(_ attributes: BridgeAttributes) {
        self.init()
        stp = attributes.stpState
        priority = attributes.priority
        forwardDelay = attributes.forwardDelay.map(Self.duration)
        helloTime = attributes.helloTime.map(Self.duration)
        maximumAge = attributes.maximumAge.map(Self.duration)
        ageingTime = attributes.ageingTime.map(Self.duration)
        vlanFiltering = attributes.vlanFiltering
        multicastSnooping = attributes.multicastSnooping
        bridgeID = attributes.bridgeID.map(HardwareAddress.bridgeID)
        rootID = attributes.rootID.map(HardwareAddress.bridgeID)
        rootPort = attributes.rootPort
        rootPathCost = attributes.rootPathCost
        topologyChange = attributes.topologyChange
        topologyChangeDetected = attributes.topologyChangeDetected
        countsVLANs = attributes.countsVLANs
        countsMulticast = attributes.countsMulticast
        learnedEntries = attributes.learnedEntries
        maximumLearnedEntries = attributes.maximumLearnedEntries
    }

    /// Bridge times come in USER_HZ ticks, which are 1/100 s on every architecture that matters.
    private static func duration(ticks: UInt32) -> Duration { .milliseconds(Int64(ticks) * 10) }
}

extension LinkState.BridgePort {
    init(_ attributes: BridgePortAttributes) {
        self.init()
        state = attributes.state
        number = attributes.number
        priority = attributes.priority
        cost = attributes.cost
        designatedCost = attributes.designatedCost
        hairpin = attributes.hairpin
        guarded = attributes.guarded
        learning = attributes.learning
        unicastFlood = attributes.unicastFlood
        isolated = attributes.isolated
    }
}

extension LinkState.Tun {
    init(_ attributes: TunAttributes) {
        self.init()
        owner = attributes.owner
        group = attributes.group
        packetInformation = attributes.packetInformation
        virtioNetHeader = attributes.virtioNetHeader
        persistent = attributes.persistent
        multiQueue = attributes.multiQueue
        queues = attributes.queues
        disabledQueues = attributes.disabledQueues
    }
}
