/// What the diagnosis asks for.
extension Diagnosis {
    /// Adds the links whose grace time is over, or whose finding is to be looked at again.
    mutating func addSuspicions(
        to request: inout FactRequest, _ inventory: Inventory, at now: Instant, _ limit: Int
    ) {
        nextLook = nil
        for slot in suspicions.keys {
            let due = suspicions[slot]!.indices.filter { suspicions[slot]![$0].lookAt <= now }
            if !due.isEmpty, request.links.count < limit {
                let kinds = due.reduce(into: FactKinds()) { $0.formUnion(suspicions[slot]![$1].restsOn) }
                // A lost answer, or one that settles nothing, is asked for again.
                for position in due { suspicions[slot]![position].lookAt = now + timing.recheck }
                if let link = inventory.link(slot: slot) { add(link, kinds, to: &request, inventory) }
            }
            for suspicion in suspicions[slot]! { nextLook = min(nextLook ?? suspicion.lookAt, suspicion.lookAt) }
        }
    }

    /// Adds a question about a link; none where the kernel can't be asked for it.
    private func add(_ link: Link, _ kinds: FactKinds, to request: inout FactRequest, _ inventory: Inventory) {
        guard let address = inventory.address(of: link.place) else { return }
        let peer = link.peer.flatMap { place in inventory.address(of: place).map { (place: place, address: $0) } }
        request.links.append(
            FactRequest.LinkQuestion(
                place: link.place, address: address, name: link.state.name, peer: peer, kinds: kinds))
        guard kinds.contains(.farNamespace), let far = link.peer?.namespace else { return }
        request.namespaces[far] = question(about: far, inventory, isDetailed: true)
    }

    /// Adds all other namespaces, if it is time to see who lives where.
    mutating func addSweep(to request: inout FactRequest, _ inventory: Inventory, at now: Instant) {
        guard nextSweep.map({ $0 <= now }) ?? true else { return }
        nextSweep = now + timing.sweep
        for namespace in inventory.namespaces.all where namespace.id != .own && request.namespaces[namespace.id] == nil
        {
            request.namespaces[namespace.id] = question(about: namespace.id, inventory, isDetailed: false)
        }
    }

    private func question(
        about id: NamespaceID, _ inventory: Inventory, isDetailed: Bool
    ) -> FactRequest.NamespaceQuestion {
        let namespace = inventory.namespaces[id]
        var question = FactRequest.NamespaceQuestion(
            file: namespace?.file, nsid: namespace?.nsid, isDetailed: isDetailed)
        guard isDetailed else { return question }
        question.nearEnds = inventory.links(in: id).compactMap(\.peer).filter { $0.namespace == .own }.map(
            \.index)
        return question
    }
}
