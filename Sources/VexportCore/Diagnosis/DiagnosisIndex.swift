/// What classes look up across links, kept by slot as links change: who stands on a link, who shares a MAC in a bridge, and
/// in which bridges guests might.
struct DiagnosisIndex: Sendable {
    /// One MAC behind one bridge.
    struct Station: Hashable, Sendable {
        let bridge: LinkPlace
        let address: HardwareAddress
    }

    private struct Entry: Equatable, Sendable {
        var station: Station?
        /// Of a tap with a carrier.
        var guestBridge: LinkPlace?
        var lower: LinkPlace?
        var remoteLower: Int32?
    }

    /// Which links are on whose path.
    private(set) var paths = PathIndex()
    /// By slot.
    private var entries: [Entry] = []
    private var portsByStation: [Station: Set<Int>] = [:]
    private var shared: Set<Int> = []
    /// How many ports of each bridge are taps, and how many lead to another namespace.
    private var guests: [LinkPlace: Int] = [:]
    private var containers: [LinkPlace: Int] = [:]
    private var uppers: [LinkPlace: Int] = [:]
    /// Links whose lower link is in another namespace. Which one counts in a table that need not be vexport's.
    private var remoteUppers: [Int32: Int] = [:]

    /// Whether a link such as a macvlan stands on the one at `place`, or may.
    func mayHaveUpper(_ place: LinkPlace) -> Bool { uppers[place] != nil || remoteUppers[place.index] != nil }

    /// Whether another port of its bridge has the MAC of the workload behind this slot's port.
    func sharesStation(_ slot: Int) -> Bool { shared.contains(slot) }

    /// The slots of bridge ports whose workloads share this MAC behind one bridge.
    func ports(at station: Station) -> Set<Int> { portsByStation[station] ?? [] }

    func station(ofSlot slot: Int) -> Station? { slot < entries.count ? entries[slot].station : nil }

    /// Whether a slot's link is a bridge port with one workload behind it.
    func leadsToWorkload(_ slot: Int) -> Bool {
        slot < entries.count && (entries[slot].station != nil || entries[slot].guestBridge != nil)
    }

    /// The bridges of vexport's own namespace behind which a guest might have another workload's MAC. What a guest's is no link
    /// says.
    var bridgesWithGuests: [Int32] {
        guests.filter { $0.key.namespace == .own && $0.value + (containers[$0.key] ?? 0) > 1 }.map(\.key.index)
    }

    /// A veth's other end, where it is known. It mostly is where it was, which is found sooner than its place.
    func peer(of link: Link, in inventory: Inventory) -> Link? {
        guard let place = link.peer else { return nil }
        if let slot = paths.peer(of: link.slot), let known = inventory.link(slot: slot), known.place == place {
            return known
        }
        return inventory[place]
    }

    /// Takes in what a slot holds now.
    ///
    /// - Parameter peer: a veth's other end.
    /// - Returns: slots that another link's change concerns: those that share, or shared, a MAC with it, and those whose path
    ///   goes through it.
    mutating func update(_ slot: Int, _ link: Link?, peer: Link?) -> Set<Int> {
        paths.update(slot, link, peer: peer).union(updateEntry(slot, link, peer: peer))
    }

    private mutating func updateEntry(_ slot: Int, _ link: Link?, peer: Link?) -> Set<Int> {
        var entry = Entry()
        if let link {
            if link.state.kind == .veth {
                entry.station = Self.station(of: link, peer)
            } else if link.state.kind == .tap {
                entry.guestBridge = Self.liveBridge(of: link)
            } else if let lower = link.state.lowerLink {
                if lower.namespaceID == nil {
                    entry.lower = LinkPlace(link.place.namespace, lower.index)
                } else {
                    entry.remoteLower = lower.index
                }
            }
        }
        while entries.count <= slot { entries.append(Entry()) }
        let old = entries[slot]
        guard entry != old else { return [] }
        entries[slot] = entry
        if old.lower != entry.lower { Self.count(&uppers, old.lower, entry.lower) }
        if old.remoteLower != entry.remoteLower { Self.count(&remoteUppers, old.remoteLower, entry.remoteLower) }
        if old.guestBridge != entry.guestBridge { Self.count(&guests, old.guestBridge, entry.guestBridge) }
        guard old.station != entry.station else { return [] }
        Self.count(&containers, old.station?.bridge, entry.station?.bridge)
        var concerned: Set<Int> = []
        if let station = old.station {
            portsByStation[station]?.remove(slot)
            shared.remove(slot)
            if portsByStation[station]?.count == 1 { shared.subtract(portsByStation[station]!) }
            concerned.formUnion(portsByStation[station] ?? [])
            if portsByStation[station]?.isEmpty == true { portsByStation[station] = nil }
        }
        if let station = entry.station {
            concerned.formUnion(portsByStation[station] ?? [])
            portsByStation[station, default: []].insert(slot)
            if !concerned.isDisjoint(with: portsByStation[station]!) { shared.formUnion(portsByStation[station]!) }
        }
        return concerned
    }

    /// The MAC of the workload behind a bridge's veth port. A far end that is a port itself leads to another bridge, whose
    /// MAC it may share by design.
    private static func station(of link: Link, _ peer: Link?) -> Station? {
        guard let bridge = liveBridge(of: link), let peer, peer.place.namespace != link.place.namespace,
            peer.state.masterIndex == nil, let address = peer.state.address
        else { return nil }
        return Station(bridge: bridge, address: address)
    }

    /// The bridge that a link is a port of, if it has a carrier.
    private static func liveBridge(of link: Link) -> LinkPlace? {
        guard let master = link.state.masterIndex, link.state.bridgePort != nil, link.state.carrier.isUp == true else {
            return nil
        }
        return LinkPlace(link.place.namespace, master)
    }

    private static func count<Key>(_ counts: inout [Key: Int], _ old: Key?, _ new: Key?) {
        if let old, let count = counts[old] { counts[old] = count == 1 ? nil : count - 1 }
        if let new { counts[new, default: 0] += 1 }
    }
}
