/// Namespaces come, are found out about, and go.
extension Inventory {
    mutating func applyToNamespaces(_ change: LinkChange, at: Timestamp, _ events: inout [LinkEvent]) {
        switch change {
        case .allFollowed(let own):
            followsAll = true
            _ = namespaces.sight(own, isOwn: true)
        case .namespaceNumbered(let nsid): _ = namespace(numbered: nsid)
        case .namespaceGone(let nsid):
            if let id = namespaces.id(of: nsid) { end(id, at: at, &events) }
        case .namespacesListed(let nsids): list(nsids, at: at, &events)
        case .namespaceSighted(let sighting): sight(sighting, at: at, &events)
        case .namespacesSwept(let files): sweep(files, at: at, &events)
        case .namespaceNotFound(let nsid):
            guard let id = namespaces.settleLabelByNumber(nsid) else { return }
            relabel(id)
        case .namespaceNameGone(let name): namespaces.forget(name: name)
        case .namespaceUnreadable(let nsid):
            guard let id = namespaces.id(of: nsid), id != .own else { return }
            for place in links(in: id).map(\.place) {
                remove(place, .movedAway, inferred: true, at: at, &events)
            }
            namespaces.markUnreadable(id)
        default: preconditionFailure("not about namespaces")
        }
    }

    /// The namespace with this number. One that was not heard of before is from now on.
    mutating func namespace(numbered nsid: NSID?) -> NamespaceID {
        if let known = namespaces.id(of: nsid) { return known }
        let id = namespaces.create(nsid!)
        namespacesChanged = true
        if followsAll {
            followUp.appearedNamespaces.insert(nsid!)
            followUp.unidentifiedNamespaces.insert(nsid!)
        }
        return id
    }

    private mutating func sight(_ sighting: NamespaceSighting, at: Timestamp, _ events: inout [LinkEvent]) {
        let former = sighting.nsid.flatMap { namespaces.id(of: $0) }
        let (label, file) = (former.flatMap { namespaces[$0]?.label }, former.flatMap { namespaces[$0]?.file?.place })
        let (id, ended) = namespaces.sight(sighting)
        for other in ended { endLinks(of: other, at: at, &events) }
        if let nsid = sighting.nsid, id != former { followUp.appearedNamespaces.insert(nsid) }
        namespacesChanged = true
        // By its file owners are found.
        if namespaces[id]?.label != label || namespaces[id]?.file?.place != file { relabel(id) }
    }

    private mutating func list(_ nsids: [NSID], at: Timestamp, _ events: inout [LinkEvent]) {
        let there = Set(nsids)
        for namespace in namespaces.all where namespace.nsid.map({ !there.contains($0) }) ?? false {
            end(namespace.id, at: at, &events)
        }
        for nsid in nsids { _ = namespace(numbered: nsid) }
    }

    /// Of those without a number no message tells the end.
    private mutating func sweep(_ files: Set<NamespaceFile>, at: Timestamp, _ events: inout [LinkEvent]) {
        for namespace in namespaces.all where namespace.nsid == nil && namespace.id != .own {
            if let file = namespace.file?.place, !files.contains(file) { end(namespace.id, at: at, &events) }
        }
    }

    private mutating func end(_ id: NamespaceID, at: Timestamp, _ events: inout [LinkEvent]) {
        guard id != .own else { return }
        if let nsid = namespaces[id]?.nsid {
            followUp.goneNamespaces.insert(nsid)
            followUp.appearedNamespaces.remove(nsid)
            followUp.unidentifiedNamespaces.remove(nsid)
        }
        endLinks(of: id, at: at, &events)
        namespaces.remove(id)
    }

    /// When a namespace dies its virtual links die with it, and nothing is said of them.
    private mutating func endLinks(of id: NamespaceID, at: Timestamp, _ events: inout [LinkEvent]) {
        namespacesChanged = true
        for index in links(in: id).map(\.place.index).sorted() {
            remove(LinkPlace(id, index), .deleted, inferred: true, at: at, &events)
        }
        linksByNamespace[id] = nil
    }

    /// The links of a namespace, and their peers, carry its label.
    private mutating func relabel(_ id: NamespaceID) {
        namespacesChanged = true
        for link in links(in: id) {
            changedSlots.insert(link.slot)
            if let peer = link.peer.flatMap({ self[$0] }) { changedSlots.insert(peer.slot) }
        }
    }
}
