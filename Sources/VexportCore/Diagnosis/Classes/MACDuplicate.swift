extension FindingClass {
    /// Two workloads behind one bridge have one MAC: the bridge sends frames to whichever spoke last.
    static let macDuplicate = FindingClass(.macDuplicate, grace: .seconds(10)) { subject in
        guard subject.index.sharesStation(subject.link.slot),
            let station = subject.index.station(ofSlot: subject.link.slot)
        else { return .fine }
        let slots = subject.index.ports(at: station)
        let others = slots.filter { $0 != subject.link.slot }.sorted()
            .compactMap { subject.inventory.link(slot: $0) }
            // Two cables into one namespace: a bond, or multipath, may share a MAC by design.
            .filter { $0.peer?.namespace != subject.link.peer?.namespace }
        guard !others.isEmpty, let bridge = subject.master, let peer = subject.peer else { return .fine }
        let names = others.prefix(3).map { $0.state.name.description }.joined(separator: ", ")
        return .wrong(
            Diagnosed(
                reason: "its workload has the MAC \(station.address), and so has the one behind \(names)",
                evidence: [
                    Evidence("it is a port of \(bridge.state.name)", "IFLA_MASTER"),
                    Evidence("its peer \(subject.inWords(peer)) has \(station.address)", "IFLA_ADDRESS"),
                ]
                    + others.prefix(3).map { other in
                        let far = other.peer.flatMap { subject.inventory[$0] }
                        return Evidence(
                            "\(other.state.name), in the same bridge, leads to \(far.map(subject.inWords) ?? "a link") "
                                + "with the same", "IFLA_ADDRESS")
                    }, command: subject.ip("link show dev DEVICE", on: peer)),
            restsOn: [])
    }
}
