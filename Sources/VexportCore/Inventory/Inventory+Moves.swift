/// A link between two namespaces: it has left one, and the other was not known or its message is still to come.
struct LinkInTransit: Sendable {
    var link: Link
    /// The index it has where it goes.
    var newIndex: Int32
    var since: Timestamp
}

/// Links that move to another namespace stay the same.
extension Inventory {
    /// How long a link may be on its way: as long as it can take until its new namespace is found and dumped. Seconds.
    private static let patience = 30.0

    /// - Parameter target: where to, in the numbers of the namespace that it left.
    mutating func move(_ place: LinkPlace, to target: LinkAddress?, at: Timestamp, _ events: inout [LinkEvent]) {
        guard followsAll, let target else { return remove(place, .movedAway, inferred: false, at: at, &events) }
        guard place.namespace == .own else {
            // The number counts in another table than vexport's: the link is known again when it arrives.
            guard let link = extract(place) else { return }
            if let goal = arrivalBeforeMessage(of: link, newIndex: target.index) {
                return settle(link, at: goal, at: at, &events)
            }
            inTransit.append(LinkInTransit(link: link, newIndex: target.index, since: at))
            markDependents(of: link)
            if let peer = link.peer, self[peer] != nil { doubt(peer) }
            return
        }
        let goal = LinkPlace(namespace(numbered: target.namespace), target.index)
        guard namespaces[goal.namespace]!.isReadable else {
            return remove(place, .movedAway, inferred: false, at: at, &events)
        }
        if let link = extract(place) { settle(link, at: goal, at: at, &events) }
    }

    /// Settles the link on its way that shows up at a place where there was none. Nobody tells whether it is the same, so
    /// it must be the only one that may be: two that look alike are taken for new.
    mutating func takeArrival(at place: LinkPlace, _ state: LinkState, at: Timestamp, _ events: inout [LinkEvent]) {
        let candidates = inTransit.indices.filter {
            let (link, index) = (inTransit[$0].link, inTransit[$0].newIndex)
            return index == place.index && link.place.namespace != place.namespace && link.state.kind == state.kind
                && link.state.address == state.address && !state.carrier.isOlder(than: link.state.carrier)
        }
        // Its peer may have been asked meanwhile where it is.
        let certain = candidates.filter { inTransit[$0].link.peer.flatMap { self[$0] }?.peer == place }
        guard let found = certain.count == 1 ? certain[0] : candidates.count == 1 ? candidates[0] : nil else { return }
        settle(inTransit.remove(at: found).link, at: place, at: at, &events)
    }

    /// Where a link is already that a message says has moved: a dump made after the move may be taken in before it. By the
    /// same rule as for arrivals, among the links that were seen for the first time since.
    private func arrivalBeforeMessage(of link: Link, newIndex: Int32) -> LinkPlace? {
        let candidates = linksByNamespace.keys.compactMap { self[LinkPlace($0, newIndex)] }.filter {
            $0.identity.birth > link.identity.birth && $0.identity.namespace != link.place.namespace
                && $0.state.kind == link.state.kind && $0.state.address == link.state.address
        }
        let certain = candidates.filter { candidate in
            link.peer.flatMap { self[$0] }?.peer == candidate.place
        }
        if certain.count == 1 { return certain[0].place }
        // A tap has no peer to ask, and one that was made at the same time may look like it.
        return candidates.count == 1 && link.state.kind != .veth && link.state.address != nil
            ? candidates[0].place : nil
    }

    private mutating func settle(
        _ link: Link, at goal: LinkPlace, at: Timestamp, _ events: inout [LinkEvent]
    ) {
        var link = link
        // A dump that was made after the move, and taken in before the message of it, has brought the link already.
        if let there = extract(goal) {
            slots.release(there.slot)
            if there.state.kind == link.state.kind, there.state.address == link.state.address {
                link.state = there.state
            } else {
                events.append(LinkEvent(there, .deleted, inferred: true, at: at))
            }
        }
        let origin = link.place.namespace
        link.place = goal
        link.state.masterIndex = nil
        link.state.bridgePort = nil
        insert(link)
        events.append(LinkEvent(link, .moved(from: origin), inferred: false, at: at))
    }

    /// A veth goes with its peer, wherever it is.
    mutating func endInTransit(peerOf place: LinkPlace, at: Timestamp, _ events: inout [LinkEvent]) {
        for moving in inTransit where moving.link.peer == place {
            slots.release(moving.link.slot)
            events.append(LinkEvent(moving.link, .deleted, inferred: true, at: at))
        }
        inTransit.removeAll { $0.link.peer == place }
    }

    /// Takes those for gone that have been on their way for too long.
    mutating func expireInTransit(at: Timestamp, _ events: inout [LinkEvent]) {
        while let first = inTransit.first, at.seconds - first.since.seconds > Self.patience {
            inTransit.removeFirst()
            slots.release(first.link.slot)
            events.append(LinkEvent(first.link, .movedAway, inferred: false, at: at))
        }
    }
}
