/// All links of all namespaces that vexport follows, kept true by applying what the kernel says, in its order.
///
/// A plain value: `apply` decides, nothing here does input or output.
public struct Inventory: Sendable {
    public internal(set) var namespaces = NamespaceTable()
    /// Slots whose link changed, came or went since they were last taken.
    public internal(set) var changedSlots: Set<Int> = []

    /// The links of each namespace. A namespace without any is not in it.
    var linksByNamespace: [NamespaceID: NamespaceLinks] = [:]
    private(set) var slotsByPlace: [LinkPlace: Int] = [:]
    var slots = LinkSlots()
    var followUp = FollowUp()
    /// Links that left a namespace for one that is not known yet.
    var inTransit: [LinkInTransit] = []
    var births: UInt64 = 0
    /// How many links there are of each kind.
    var linkCounts: [LinkKind: Int] = [:]
    /// Whether links are followed into other namespaces.
    var followsAll = false
    /// Namespaces that came, went or got their label since they were last taken.
    var namespacesChanged = false

    public init() {}

    /// The links of a namespace.
    public func links(in namespace: NamespaceID) -> some Collection<Link> {
        (linksByNamespace[namespace]?.slots ?? []).lazy.map { slots[$0]! }
    }

    /// The link at a place.
    public subscript(place: LinkPlace) -> Link? { slotsByPlace[place].flatMap { slots[$0] } }

    /// The link that has a slot.
    public func link(slot: Int) -> Link? { slots[slot] }

    /// Puts a link where there is none.
    mutating func occupy(_ place: LinkPlace, with link: Link) {
        slots[link.slot] = link
        slotsByPlace[place] = link.slot
        linksByNamespace[place.namespace, default: NamespaceLinks()].slots.insert(link.slot)
    }

    /// Takes a link from where it is.
    mutating func vacate(_ place: LinkPlace) -> Link? {
        guard let slot = slotsByPlace.removeValue(forKey: place) else { return nil }
        linksByNamespace[place.namespace]!.slots.remove(slot)
        defer { slots[slot] = nil }
        return slots[slot]
    }

    /// One more than the highest slot ever used.
    public var slotCount: Int { slots.count }

    /// Takes in what a collector learned.
    ///
    /// - Parameter at: when, for the events.
    /// - Returns: what happened, in order. Empty when nothing changed, and for a namespace's first dump: what that finds
    ///   was there.
    public mutating func apply(_ change: LinkChange, at: Timestamp) -> [LinkEvent] {
        var events: [LinkEvent] = []
        namespaces.forgetEnded()
        expireInTransit(at: at, &events)
        switch change {
        case .requested(let change, let port):
            return apply(change, at: at).map { event in
                var event = event
                event.requester = port
                return event
            }
        case .announced(let nsid, let index, let state):
            let place = place(nsid, index)
            update(place, to: state, from: .event, at: at, &events)
            guard let link = self[place] else { break }
            if state.kind == .tap || state.kind == .tun || link.peerIsUnknown { doubt(place) }
        case .asked(let nsid, let index, let state):
            guard let namespace = namespaces.id(of: nsid) else { break }
            followUp.doubtful.remove(LinkAddress(nsid, index))
            update(LinkPlace(namespace, index), to: state, from: .answer, at: at, &events)
        case .portAnnounced(let nsid, let index, let port): updatePort(place(nsid, index), to: port, at: at, &events)
        case .portReleased(let nsid, let index): updatePort(place(nsid, index), to: nil, at: at, &events)
        case .notFound(let nsid, let index):
            guard let namespace = namespaces.id(of: nsid) else { break }
            remove(LinkPlace(namespace, index), .deleted, inferred: true, at: at, &events)
        case .deleted(let nsid, let index): remove(place(nsid, index), .deleted, inferred: false, at: at, &events)
        case .movedAway(let nsid, let index, let target): move(place(nsid, index), to: target, at: at, &events)
        case .dumped(let nsid, let dump): takeIn(dump, of: nsid, at: at, &events)
        case .speeds(let speeds):
            for (index, speed) in speeds {
                guard let link = self[LinkPlace(.own, index)], link.state.speed != speed else { continue }
                slots[link.slot]!.state.speed = speed
                changedSlots.insert(link.slot)
            }
        default: applyToNamespaces(change, at: at, &events)
        }
        for event in events where event.kind.carrierChanges > 0 {
            guard let address = address(of: event.place) else { continue }
            followUp.carrierChanges[address.namespace, default: 0] += event.kind.carrierChanges
        }
        return events
    }

    private mutating func takeIn(
        _ dump: [(Int32, LinkState)], of nsid: NSID?, at: Timestamp, _ events: inout [LinkEvent]
    ) {
        // None: it went while the dump was made, and its end has been told.
        guard let namespace = namespaces.id(of: nsid) else { return }
        let isFirst = linksByNamespace[namespace]?.isPopulated != true
        var missing = Set(links(in: namespace).map(\.place.index))
        var news: [LinkEvent] = []
        for (index, state) in dump {
            missing.remove(index)
            update(LinkPlace(namespace, index), to: state, from: .answer, at: at, &news)
        }
        for index in missing { doubt(LinkPlace(namespace, index)) }
        linksByNamespace[namespace, default: NamespaceLinks()].isPopulated = true
        if isFirst { news.removeAll { $0.kind == .created } }
        events.append(contentsOf: news)
    }

    /// Where a link is that an event names. A namespace that was not heard of before is from now on.
    private mutating func place(_ nsid: NSID?, _ index: Int32) -> LinkPlace {
        LinkPlace(namespace(numbered: nsid), index)
    }

    /// Hands over what is left to do since the last call.
    public mutating func takeFollowUp() -> FollowUp {
        defer { followUp = FollowUp() }
        return followUp
    }

    /// Hands over the slots that changed since the last call.
    public mutating func takeChangedSlots() -> Set<Int> {
        defer { changedSlots.removeAll(keepingCapacity: true) }
        return changedSlots
    }

    /// What is shown of this slot's link is another than before.
    mutating func markChanged(_ slot: Int) {
        changedSlots.insert(slot)
    }

    /// Whether namespaces came, went or got their label since the last call.
    public mutating func takeNamespacesChanged() -> Bool {
        defer { namespacesChanged = false }
        return namespacesChanged
    }
}

/// The links of one namespace.
struct NamespaceLinks: Sendable {
    var slots: Set<Int> = []
    var slotsByName: [EscapedText: Int] = [:]
    /// By a dump.
    var isPopulated = false
}
