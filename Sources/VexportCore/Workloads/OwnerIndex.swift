/// Finds a link's workload. Shared by all frames between two sweeps that found something else.
final class OwnerIndex: Sendable {
    private struct Tap: Hashable {
        var device: EscapedText
        var namespace: NamespaceFile
    }

    private let own: NamespaceFile?
    /// Taps whose namespace the kernel told.
    private let certain: [Tap: Workload]
    /// Taps of which only the namespace of their holder is known.
    private let presumed: [Tap: Workload]
    private let namespaces: [NamespaceFile: Workload]

    init(_ owners: Owners) {
        own = owners.own
        namespaces = owners.namespaces.mapValues(\.workload)
        var (certain, presumed) = ([Tap: Workload](), [Tap: Workload]())
        for (tap, workload) in owners.taps {
            let key = Tap(device: tap.device, namespace: tap.namespace.place)
            if tap.isCertain { certain[key] = workload } else { presumed[key] = workload }
        }
        (self.certain, self.presumed) = (certain, presumed)
    }

    /// All that there are, those of several links several times.
    var workloads: some Sequence<Workload> {
        [Array(certain.values), Array(presumed.values), Array(namespaces.values)].joined()
    }

    /// - Returns: nil when nobody is known to be at the link's far end. Names decide nothing, and neither do addresses.
    func workload(of link: Link, in inventory: Inventory) -> Workload? {
        switch link.state.kind {
        case let kind where kind.isHeldByProcess:
            guard let file = file(of: link.place.namespace, inventory) else { return nil }
            let tap = Tap(device: link.state.name, namespace: file)
            if let workload = certain[tap] { return workload }
            // The holder may have it from another namespace, if that has one of the same name.
            guard let workload = presumed[tap], !inventory.hasTap(named: tap.device, outside: link.place.namespace)
            else {
                return nil
            }
            return workload
        case .veth:
            guard let peer = link.peer, peer.namespace != link.place.namespace, peer.namespace != .own else {
                return nil
            }
            return file(of: peer.namespace, inventory).flatMap { namespaces[$0] }
        default: return nil
        }
    }

    /// The slots of links whose workload may be another than it was by `former`.
    func slots(changedSince former: OwnerIndex, in inventory: Inventory) -> Set<Int> {
        var slots: Set<Int> = []
        for file in Self.differences(namespaces, former.namespaces) {
            guard let id = id(of: file, inventory) else { continue }
            for far in inventory.links(in: id) {
                if let near = far.peer.flatMap({ inventory[$0] }) { slots.insert(near.slot) }
            }
        }
        // Of those presumed others of the same name decide too, which may have come or gone.
        for tap in Self.differences(certain, former.certain) + presumed.keys + former.presumed.keys {
            guard let id = id(of: tap.namespace, inventory) else { continue }
            if let slot = inventory.linksByNamespace[id]?.slotsByName[tap.device] { slots.insert(slot) }
        }
        return slots
    }

    private static func differences<Key>(_ new: [Key: Workload], _ old: [Key: Workload]) -> [Key] {
        new.compactMap { old[$0] == $1 ? nil : $0 } + old.keys.filter { new[$0] == nil }
    }

    private func id(of file: NamespaceFile, _ inventory: Inventory) -> NamespaceID? {
        file.place == own?.place ? .own : inventory.namespaces.id(of: file)
    }

    private func file(of namespace: NamespaceID, _ inventory: Inventory) -> NamespaceFile? {
        namespace == .own ? own?.place : inventory.namespaces[namespace]?.file?.place
    }
}

extension OwnerIndex: Equatable {
    static func == (left: OwnerIndex, right: OwnerIndex) -> Bool {
        left.own == right.own && left.certain == right.certain && left.presumed == right.presumed
            && left.namespaces == right.namespaces
    }
}

extension Inventory {
    fileprivate func hasTap(named name: EscapedText, outside namespace: NamespaceID) -> Bool {
        linksByNamespace.contains { id, links in
            guard id != namespace, let link = links.slotsByName[name].flatMap({ slots[$0] }) else {
                return false
            }
            return link.state.kind.isHeldByProcess
        }
    }
}
