/// Which links are on whose path, kept by slot as links change: a bridge's ports that lead on, and whom it concerns when one of
/// them gets narrower.
struct PathIndex: Sendable {
    private struct Entry: Equatable, Sendable {
        /// What it is a port of.
        var master: LinkPlace?
        /// Whether it leads on, away from workloads.
        var leadsOn = false
        /// A veth's other end.
        var peer: Int?
        var mtu: UInt32?
    }

    /// By slot.
    private var entries: [Entry] = []
    private var ways: [LinkPlace: Set<Int>] = [:]
    private var others: [LinkPlace: Set<Int>] = [:]

    /// The slots of a bridge's ports that lead on.
    func ways(from bridge: LinkPlace) -> Set<Int> { ways[bridge] ?? [] }

    /// Takes in what a slot holds now.
    ///
    /// - Returns: slots of links to workloads whose path is another than before, or of another width.
    mutating func update(_ slot: Int, _ link: Link?, peer: Link?) -> Set<Int> {
        var entry = Entry()
        if let link {
            entry.master = link.state.masterIndex.map { LinkPlace(link.place.namespace, $0) }
            entry.leadsOn = entry.master != nil && PathWalk.leadsOn(link, peer: peer)
            entry.peer = peer?.slot
            entry.mtu = link.state.mtu
        }
        while entries.count <= slot { entries.append(Entry()) }
        let old = entries[slot]
        guard entry != old else { return [] }
        var concerned = workloads(before: slot)
        set(old, slot, isThere: false)
        entries[slot] = entry
        set(entry, slot, isThere: true)
        concerned.formUnion(workloads(before: slot))
        return concerned
    }

    private mutating func set(_ entry: Entry, _ slot: Int, isThere: Bool) {
        guard let master = entry.master else { return }
        func change(_ ports: inout [LinkPlace: Set<Int>]) {
            if isThere { ports[master, default: []].insert(slot) } else { ports[master]?.remove(slot) }
            if ports[master]?.isEmpty == true { ports[master] = nil }
        }
        if entry.leadsOn { change(&ways) } else { change(&others) }
    }

    /// Those whose paths go through a slot's link, found by going back from it.
    private func workloads(before slot: Int) -> Set<Int> {
        var found: Set<Int> = []
        var seen: Set<Int> = [slot]
        var open = [slot]
        while let slot = open.popLast() {
            let entry = entries[slot]
            if entry.leadsOn, let bridge = entry.master {
                found.formUnion(others[bridge] ?? [])
                for way in ways[bridge] ?? [] where seen.insert(way).inserted {
                    // Its other end is where frames come in that leave through this one.
                    if let far = peer(of: way), seen.insert(far).inserted { open.append(far) }
                }
            }
            if let far = peer(of: slot), entries[far].leadsOn, seen.insert(far).inserted { open.append(far) }
        }
        return found
    }

    /// The slot that the other end of a veth had when it was last taken in.
    func peer(of slot: Int) -> Int? {
        guard slot < entries.count, let peer = entries[slot].peer, peer < entries.count else { return nil }
        return peer
    }
}
