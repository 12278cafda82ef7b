/// Which two veths are the ends of one cable.
extension Inventory {
    /// Where a veth's other end is, by what the kernel says of the veth; nil when that does not tell.
    mutating func peer(
        of place: LinkPlace, saidBy state: LinkState, known: Link?, from origin: Origin
    ) -> LinkPlace? {
        guard state.kind == .veth, let lower = state.lowerLink else { return nil }
        guard let nsid = lower.namespaceID else { return LinkPlace(place.namespace, lower.index) }
        // The kernel says so while the other namespace dies. What was known is as good as ever.
        if nsid < 0 { return known?.peer }
        if origin == .answer || place.namespace == .own {
            return LinkPlace(namespace(numbered: nsid), lower.index)
        }
        // The number counts in another table than vexport's. Where both ends agree already it says nothing new.
        guard let peer = known?.peer, peer.index == lower.index, peer.namespace != place.namespace,
            self[peer].map({ $0.peer == place }) ?? (known?.state.lowerLink == lower)
        else { return nil }
        return peer
    }

    /// A new veth's first end is announced before it has a peer and never again: the second end's message is for both.
    mutating func tellPeer(of link: Link) {
        guard let place = link.peer, var peer = self[place], peer.state.kind == .veth else { return }
        changedSlots.insert(peer.slot)
        if peer.peerIsUnknown { followUp.doubtful.remove(LinkAddress(namespaces[place.namespace]?.nsid, place.index)) }
        peer.peer = link.place
        // In the words of the peer's own table, as far as those are known.
        if place.namespace == link.place.namespace {
            peer.state.lowerLink = .init(index: link.place.index)
        } else if place.namespace == .own, let nsid = namespaces[link.place.namespace]?.nsid {
            peer.state.lowerLink = .init(index: link.place.index, namespaceID: nsid)
        }
        slots[peer.slot] = peer
    }
}
