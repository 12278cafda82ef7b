/// Paths from workloads to the uplink.
extension Pipeline {
    /// Paths shown at once. A workload has a few links; through a bridge all that are at it go.
    public static let mostPaths = 32

    /// The paths of a workload, through a device, or from a MAC.
    ///
    /// - Parameters:
    ///   - words: a workload's name or id, a link's name or an address, in this order.
    ///   - namespace: the label of the namespace that the device is in; nil for vexport's own.
    ///   - isWatched: false after a single look, which can't tell since when anything holds.
    /// - Returns: `mostPaths` at most, by the names of their first links; none when nothing is called so.
    public func paths(_ words: String, namespace: String? = nil, isWatched: Bool = true) -> [PathRecord] {
        let finder = PathFinder(inventory: inventory, owners: owners, bridges: bridges)
        var findings: [LinkPlace: [FindingRecord]] = [:]
        for finding in diagnosis.findings(inventory, owners) {
            findings[finding.place, default: []].append(FindingRecord(finding, isWatched: isWatched))
        }
        let ticks = frames.lastTwo
        let frame = ticks?.later ?? frames.latest
        return finder.find(words, namespace: namespace).prefix(Self.mostPaths).map { walk in
            PathRecord(
                workload: finder.workload(of: walk).map(WorkloadRecord.init),
                hops: walk.links.compactMap { link in
                    guard let shown = snapshot(of: link, in: frame, since: ticks?.earlier) else { return nil }
                    return PathRecord.Hop(link: shown, findings: findings[link.place] ?? [])
                },
                end: .init(
                    kind: EscapedText(escaped: walk.end.name),
                    text: EscapedText(escaped: walk.end.text(after: walk.links.last!))),
                mtu: walk.narrowestMTU)
        }
    }

    /// A link as a snapshot of the last tick has it; nil for one that can't be named.
    private func snapshot(of link: Link, in frame: TickFrame?, since earlier: TickFrame?) -> Snapshot.Link? {
        guard let record = record(of: link) else { return nil }
        var shown = Snapshot.Link(record) { place in inventory[place].flatMap { self.record(of: $0) } }
        guard let frame, frame.links[link.slot]?.link.identity == link.identity else { return shown }
        shown.take(frame, slot: link.slot, since: earlier)
        return shown
    }
}

/// Finds where paths begin.
struct PathFinder {
    let inventory: Inventory
    let owners: OwnerIndex
    let bridges: BridgeReadings?
    private let map: PathWalk.Map
    /// The host's ends of workloads' cables.
    private let starts: [Link]

    init(inventory: Inventory, owners: OwnerIndex, bridges: BridgeReadings?) {
        self.inventory = inventory
        self.owners = owners
        self.bridges = bridges
        var ways: [LinkPlace: [Link]] = [:]
        var starts: [Link] = []
        for id in inventory.linksByNamespace.keys {
            for link in inventory.links(in: id) where !link.nameIsTaken {
                let peer = link.peer.flatMap { inventory[$0] }
                if let master = link.state.masterIndex, PathWalk.leadsOn(link, peer: peer) {
                    ways[LinkPlace(link.place.namespace, master), default: []].append(link)
                }
                if PathWalk.leadsToWorkload(link, peer: peer), inventory.isSampled(link, farEnds: false) {
                    starts.append(link)
                }
            }
        }
        map = PathWalk.Map(inventory: inventory) { [ways] in ways[$0] ?? [] }
        self.starts = starts.sorted { ("\($0.state.name)", $0.slot) < ("\($1.state.name)", $1.slot) }
    }

    func find(_ words: String, namespace: String?) -> [PathWalk] {
        if namespace == nil {
            let owned = starts.filter { owners.workload(of: $0, in: inventory)?.isCalled(words) ?? false }
            if !owned.isEmpty { return owned.map(walk) }
        }
        let id =
            namespace == nil
            ? .own : inventory.namespaces.all.first { $0.label?.description == namespace && $0.id != .own }?.id
        guard let id else { return [] }
        if let link = inventory.links(in: id).first(where: {
            $0.state.name.description == words && !$0.nameIsTaken
        }) {
            return through(link)
        }
        return namespace == nil ? from(address: words.lowercased()) : []
    }

    func workload(of walk: PathWalk) -> Workload? {
        // A container's own end comes first, the host's after it.
        walk.links.prefix(2).lazy.compactMap { link in
            PathWalk.leadsToWorkload(link, peer: map.peer(of: link)) && inventory.isSampled(link, farEnds: false)
                ? owners.workload(of: link, in: inventory) : nil
        }.first
    }

    private func walk(_ link: Link) -> PathWalk { PathWalk(from: link, in: map) }

    /// Those of workloads that go through the link, or the one that begins there.
    private func through(_ link: Link) -> [PathWalk] {
        let passing = starts.map(walk).filter { walk in walk.links.contains { $0.place == link.place } }
        return passing.isEmpty ? [walk(link)] : passing
    }

    /// Of taps behind which a bridge has heard the address, and of veths whose far end has it.
    private func from(address: String) -> [PathWalk] {
        starts.filter { link in
            let far = map.peer(of: link) ?? link
            return far.state.address?.description == address
                || bridges?[link]?.forwarding?.addresses.contains { $0.description == address } ?? false
        }.map(walk)
    }
}
