/// What is said of one link.
extension Inventory {
    enum Origin {
        case event  // may be older than what is known, and has no port state
        case answer  // of a dump or a question: true when it was read
    }

    mutating func update(
        _ place: LinkPlace, to new: LinkState, from origin: Origin, at: Timestamp, _ events: inout [LinkEvent]
    ) {
        let inferred = origin == .answer
        if self[place] == nil { takeArrival(at: place, new, at: at, &events) }
        guard let known = self[place] else {
            create(place, new, from: origin, inferred: inferred, at: at, &events)
            return
        }
        // Within an identity carrier counters only grow, and a link never changes its kind.
        if new.kind != known.state.kind || (origin == .answer && new.carrier.isOlder(than: known.state.carrier)) {
            remove(place, .deleted, inferred: true, at: at, &events)
            create(place, new, from: origin, inferred: inferred, at: at, &events)
            return
        }
        var state = new
        state.speed = known.state.speed
        if origin == .event {
            state.bridgePort?.state = known.state.bridgePort?.state
            if new.carrier.isOlder(than: known.state.carrier) {
                state.carrier = known.state.carrier
                state.operstate = known.state.operstate
            }
        }
        if state.masterIndex == nil { state.bridgePort = nil }
        var link = known
        link.state = state
        link.peer = peer(of: place, saidBy: new, known: known, from: origin)
        link.nameIsTaken = false
        guard link != known else { return }
        slots[link.slot] = link
        changedSlots.insert(link.slot)
        if link.state.name != known.state.name || known.nameIsTaken { rename(link, from: known.state.name) }
        if link.peer != known.peer { tellPeer(of: link) }
        events.append(contentsOf: differences(from: known, to: link, inferred: inferred, at: at))
    }

    private mutating func create(
        _ place: LinkPlace, _ state: LinkState, from origin: Origin, inferred: Bool, at: Timestamp,
        _ events: inout [LinkEvent]
    ) {
        let identity = LinkIdentity(namespace: place.namespace, index: place.index, birth: births)
        births += 1
        var link = Link(identity: identity, slot: slots.take(), place: place, state: state)
        if origin == .event { link.state.bridgePort?.state = nil }
        link.peer = peer(of: place, saidBy: state, known: nil, from: origin)
        insert(link)
        events.append(LinkEvent(link, .created, inferred: inferred, at: at))
    }

    /// Puts a link at its place, where there is none.
    mutating func insert(_ link: Link) {
        occupy(link.place, with: link)
        linkCounts[link.state.kind, default: 0] += 1
        changedSlots.insert(link.slot)
        claimName(of: link)
        tellPeer(of: link)
    }

    mutating func remove(
        _ place: LinkPlace, _ kind: LinkEvent.Kind, inferred: Bool, at: Timestamp, _ events: inout [LinkEvent]
    ) {
        guard let link = extract(place) else { return }
        slots.release(link.slot)
        markDependents(of: link)
        // Nobody announces to the end that stays that its peer is elsewhere now.
        if kind == .movedAway, let peer = link.peer, self[peer] != nil { doubt(peer) }
        events.append(LinkEvent(link, kind, inferred: inferred, at: at))
        if kind == .deleted { endInTransit(peerOf: place, at: at, &events) }
    }

    /// Takes a link from its place. Its slot stays its own.
    mutating func extract(_ place: LinkPlace) -> Link? {
        if let address = address(of: place) {
            followUp.doubtful.remove(address)
            followUp.gone.append(address)
        }
        guard let link = vacate(place) else { return nil }
        linkCounts[link.state.kind]! -= 1
        changedSlots.insert(link.slot)
        releaseName(link.state.name, of: link)
        return link
    }

    mutating func updatePort(
        _ place: LinkPlace, to port: LinkState.BridgePort?, at: Timestamp, _ events: inout [LinkEvent]
    ) {
        guard var link = self[place], link.state.bridgePort != port else { return }
        let known = link
        link.state.bridgePort = port
        slots[link.slot] = link
        changedSlots.insert(link.slot)
        events.append(contentsOf: differences(from: known, to: link, inferred: false, at: at))
    }

    /// The link should be asked for.
    mutating func doubt(_ place: LinkPlace) {
        if let address = address(of: place) { followUp.doubtful.insert(address) }
    }

    /// Where to ask for a link; nil where vexport may not.
    func address(of place: LinkPlace) -> LinkAddress? {
        if place.namespace == .own { return LinkAddress(nil, place.index) }
        guard let namespace = namespaces[place.namespace], namespace.isReadable, let nsid = namespace.nsid else {
            return nil
        }
        return LinkAddress(nsid, place.index)
    }

    // MARK: - What one link means for others

    private mutating func rename(_ link: Link, from old: EscapedText) {
        releaseName(old, of: link)
        claimName(of: link)
        markDependents(of: link)
    }

    private mutating func releaseName(_ name: EscapedText, of link: Link) {
        guard linksByNamespace[link.place.namespace]?.slotsByName[name] == link.slot else { return }
        linksByNamespace[link.place.namespace]!.slotsByName[name] = nil
    }

    /// Names are unique in a namespace, so whoever had this one before has it no more, whether that was told or not.
    private mutating func claimName(of link: Link) {
        let former = linksByNamespace[link.place.namespace]!.slotsByName
            .updateValue(link.slot, forKey: link.state.name)
        guard let former, former != link.slot, let holder = slots[former] else { return }
        slots[former]!.nameIsTaken = true
        changedSlots.insert(former)
        doubt(holder.place)
    }

    /// The ports of a master and the peer of a veth carry its name in their labels.
    mutating func markDependents(of link: Link) {
        if let peer = link.peer.flatMap({ self[$0] }) { changedSlots.insert(peer.slot) }
        switch link.state.kind {
        case .veth, .tap, .tun, .loopback: break  // never a master, and those that come and go by the thousand
        default:
            for port in links(in: link.place.namespace) where port.state.masterIndex == link.place.index {
                changedSlots.insert(port.slot)
            }
        }
    }
}
