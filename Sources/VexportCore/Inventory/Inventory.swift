/// All links of a namespace, kept true by applying what the kernel says, in its order.
///
/// A plain value: `apply` decides, nothing here does input or output.
public struct Inventory: Sendable {
    /// The links by interface index.
    public private(set) var links: [Int32: Link] = [:]
    /// One more than the highest slot ever used.
    public private(set) var slotCount = 0
    /// Links whose description may be out of date, and which should be asked for: missing from a dump, with a name that
    /// another link now has, a tap (nobody announces a change of its persistence or queues), a veth whose peer is not
    /// known or went to another namespace.
    public private(set) var doubtful: Set<Int32> = []
    /// Slots whose link changed, came or went since they were last taken.
    public private(set) var changedSlots: Set<Int> = []

    private var freeSlots: [Int] = []
    private var indexesByName: [EscapedText: Int32] = [:]
    private var births: UInt64 = 0
    private var isPopulated = false

    public init() {}

    /// Takes in what a collector learned.
    ///
    /// - Parameter at: when, for the events.
    /// - Returns: what happened, in order. Empty when nothing changed, and for the first dump: what it finds was there.
    public mutating func apply(_ change: LinkChange, at: Timestamp) -> [LinkEvent] {
        var events: [LinkEvent] = []
        switch change {
        case .announced(let index, let state):
            update(index, to: state, from: .event, at: at, &events)
            if state.kind == .tap || state.kind == .tun || links[index]!.peerIsUnknown { doubtful.insert(index) }
        case .asked(let index, let state):
            doubtful.remove(index)
            update(index, to: state, from: .answer, at: at, &events)
        case .portAnnounced(let index, let port): updatePort(index, to: port, at: at, &events)
        case .portReleased(let index): updatePort(index, to: nil, at: at, &events)
        case .notFound(let index): remove(index, .deleted, inferred: true, at: at, &events)
        case .deleted(let index): remove(index, .deleted, inferred: false, at: at, &events)
        case .movedAway(let index): remove(index, .movedAway, inferred: false, at: at, &events)
        case .dumped(let dump):
            var missing = Set(links.keys)
            for (index, state) in dump {
                missing.remove(index)
                update(index, to: state, from: .answer, at: at, &events)
            }
            doubtful.formUnion(missing)
            if !isPopulated {
                isPopulated = true
                return []
            }
        case .speeds(let speeds):
            for (index, speed) in speeds {
                guard let link = links[index], link.state.speed != speed else { continue }
                links[index]!.state.speed = speed
                changedSlots.insert(link.slot)
            }
        }
        return events
    }

    /// Hands over the doubtful links; the caller asks the kernel for each.
    public mutating func takeDoubtful() -> [Int32] {
        defer { doubtful.removeAll(keepingCapacity: true) }
        return doubtful.sorted()
    }

    /// Hands over the slots that changed since the last call.
    public mutating func takeChangedSlots() -> Set<Int> {
        defer { changedSlots.removeAll(keepingCapacity: true) }
        return changedSlots
    }

    // MARK: - One link

    private enum Origin {
        case event  // may be older than what is known, and has no port state
        case answer  // of a dump or a question: true when it was read
    }

    private mutating func update(
        _ index: Int32, to new: LinkState, from origin: Origin, at: Timestamp, _ events: inout [LinkEvent]
    ) {
        let inferred = origin == .answer
        guard let known = links[index] else {
            create(index, new, from: origin, inferred: inferred, at: at, &events)
            return
        }
        // Within an identity carrier counters only grow, and a link never changes its kind.
        if new.kind != known.state.kind || (origin == .answer && new.carrier.isOlder(than: known.state.carrier)) {
            remove(index, .deleted, inferred: true, at: at, &events)
            create(index, new, from: origin, inferred: inferred, at: at, &events)
            return
        }
        var link = known
        link.state = new
        link.state.speed = known.state.speed
        if origin == .event {
            link.state.bridgePort?.state = known.state.bridgePort?.state
            if new.carrier.isOlder(than: known.state.carrier) {
                link.state.carrier = known.state.carrier
                link.state.operstate = known.state.operstate
            }
        }
        if link.state.masterIndex == nil { link.state.bridgePort = nil }
        link.nameIsTaken = false
        guard link != known else { return }
        links[index] = link
        changedSlots.insert(link.slot)
        if link.state.name != known.state.name || known.nameIsTaken { rename(link, from: known.state.name) }
        if link.localPeerIndex != known.localPeerIndex { tellPeer(of: link) }
        events.append(contentsOf: differences(from: known, to: link, inferred: inferred, at: at))
    }

    private mutating func create(
        _ index: Int32, _ state: LinkState, from origin: Origin, inferred: Bool, at: Timestamp,
        _ events: inout [LinkEvent]
    ) {
        let slot = freeSlots.popLast() ?? slotCount
        slotCount = max(slotCount, slot + 1)
        var link = Link(identity: LinkIdentity(index: index, birth: births), slot: slot, state: state)
        if origin == .event { link.state.bridgePort?.state = nil }
        births += 1
        links[index] = link
        changedSlots.insert(slot)
        claimName(of: link)
        tellPeer(of: link)
        events.append(LinkEvent(link: link.identity, name: state.name, kind: .created, isInferred: inferred, at: at))
    }

    private mutating func remove(
        _ index: Int32, _ kind: LinkEvent.Kind, inferred: Bool, at: Timestamp, _ events: inout [LinkEvent]
    ) {
        doubtful.remove(index)
        guard let link = links.removeValue(forKey: index) else { return }
        freeSlots.append(link.slot)
        changedSlots.insert(link.slot)
        if indexesByName[link.state.name] == index { indexesByName[link.state.name] = nil }
        markDependents(of: link)
        // Nobody announces to the end that stays that its peer is elsewhere now.
        if kind == .movedAway, let peer = link.localPeerIndex, links[peer] != nil { doubtful.insert(peer) }
        events.append(
            LinkEvent(link: link.identity, name: link.state.name, kind: kind, isInferred: inferred, at: at))
    }

    private mutating func updatePort(
        _ index: Int32, to port: LinkState.BridgePort?, at: Timestamp, _ events: inout [LinkEvent]
    ) {
        guard var link = links[index], link.state.bridgePort != port else { return }
        let known = link
        link.state.bridgePort = port
        links[index] = link
        changedSlots.insert(link.slot)
        events.append(contentsOf: differences(from: known, to: link, inferred: false, at: at))
    }

    // MARK: - What one link means for others

    private mutating func rename(_ link: Link, from old: EscapedText) {
        if indexesByName[old] == link.identity.index { indexesByName[old] = nil }
        claimName(of: link)
        markDependents(of: link)
    }

    /// Names are unique in a namespace, so whoever had this one before has it no more, whether that was told or not.
    private mutating func claimName(of link: Link) {
        let former = indexesByName.updateValue(link.identity.index, forKey: link.state.name)
        guard let former, former != link.identity.index, links[former] != nil else { return }
        links[former]!.nameIsTaken = true
        changedSlots.insert(links[former]!.slot)
        doubtful.insert(former)
    }

    /// A new veth's first end is announced before it has a peer and never again: the second end's message is for both.
    private mutating func tellPeer(of link: Link) {
        guard let index = link.localPeerIndex, let peer = links[index], peer.state.kind == .veth else { return }
        changedSlots.insert(peer.slot)
        links[index]!.state.lowerLink = .init(index: link.identity.index)
        if peer.peerIsUnknown { doubtful.remove(index) }
    }

    /// The ports of a master and the peer of a veth carry its name in their labels.
    private mutating func markDependents(of link: Link) {
        if let peer = link.localPeerIndex.flatMap({ links[$0] }) { changedSlots.insert(peer.slot) }
        switch link.state.kind {
        case .veth, .tap, .tun, .loopback: break  // never a master, and those that come and go by the thousand
        default:
            for port in links.values where port.state.masterIndex == link.identity.index {
                changedSlots.insert(port.slot)
            }
        }
    }
}
