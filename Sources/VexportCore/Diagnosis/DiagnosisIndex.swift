/// What classes look up across links, kept by slot as links change: who stands on a link, and who shares a MAC in a bridge.
struct DiagnosisIndex: Sendable {
    /// One MAC behind one bridge.
    struct Station: Hashable, Sendable {
        let bridge: LinkPlace
        let address: HardwareAddress
    }

    private struct Entry: Sendable {
        var station: Station?
        var lower: LinkPlace?
        var remoteLower: Int32?
    }

    private var entries: [Int: Entry] = [:]
    private var portsByStation: [Station: Set<Int>] = [:]
    private var shared: Set<Int> = []
    private var uppers: [LinkPlace: Int] = [:]
    /// Links whose lower link is in another namespace. Which one counts in a table that need not be vexport's.
    private var remoteUppers: [Int32: Int] = [:]

    /// Whether a link such as a macvlan stands on the one at `place`, or may.
    func mayHaveUpper(_ place: LinkPlace) -> Bool { uppers[place] != nil || remoteUppers[place.index] != nil }

    /// Whether another port of its bridge has the MAC of the workload behind this slot's port.
    func sharesStation(_ slot: Int) -> Bool { shared.contains(slot) }

    /// The slots of bridge ports whose workloads share this MAC behind one bridge.
    func ports(at station: Station) -> Set<Int> { portsByStation[station] ?? [] }

    func station(ofSlot slot: Int) -> Station? { entries[slot]?.station }

    /// Takes in what a slot holds now.
    ///
    /// - Returns: slots that another link's change concerns: those that share, or shared, a MAC with it.
    mutating func update(_ slot: Int, _ link: Link?, in inventory: Inventory) -> Set<Int> {
        var entry = Entry()
        if let link {
            if link.state.kind == .veth {
                entry.station = Self.station(of: link, in: inventory)
            } else if let lower = link.state.lowerLink {
                if lower.namespaceID == nil {
                    entry.lower = LinkPlace(link.place.namespace, lower.index)
                } else {
                    entry.remoteLower = lower.index
                }
            }
        }
        let old = entries[slot]
        let isEmpty = entry.station == nil && entry.lower == nil && entry.remoteLower == nil
        guard old != nil || !isEmpty else { return [] }
        entries[slot] = isEmpty ? nil : entry
        if old?.lower != entry.lower { Self.count(&uppers, old?.lower, entry.lower) }
        if old?.remoteLower != entry.remoteLower { Self.count(&remoteUppers, old?.remoteLower, entry.remoteLower) }
        guard old?.station != entry.station else { return [] }
        var concerned: Set<Int> = []
        if let station = old?.station {
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
    private static func station(of link: Link, in inventory: Inventory) -> Station? {
        guard let master = link.state.masterIndex, link.state.bridgePort != nil, link.state.carrier.isUp == true,
            let peer = link.peer.flatMap({ inventory[$0] }), peer.place.namespace != link.place.namespace,
            peer.state.masterIndex == nil, let address = peer.state.address
        else { return nil }
        return Station(bridge: LinkPlace(link.place.namespace, master), address: address)
    }

    private static func count<Key>(_ counts: inout [Key: Int], _ old: Key?, _ new: Key?) {
        if let old, let count = counts[old] { counts[old] = count == 1 ? nil : count - 1 }
        if let new { counts[new, default: 0] += 1 }
    }
}
