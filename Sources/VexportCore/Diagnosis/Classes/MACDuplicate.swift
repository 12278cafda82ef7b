extension FindingClass {
    /// Two workloads behind one bridge have one MAC: the bridge sends frames to whichever spoke last.
    static let macDuplicate = FindingClass(.macDuplicate, grace: .seconds(10)) { subject in
        let verdict = sharesLinkAddress(subject)
        return verdict.isFine ? sharesHeardAddress(subject) : verdict
    }

    /// By the addresses of far ends, which are links.
    private static func sharesLinkAddress(_ subject: Subject) -> Verdict {
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

    /// By the addresses that a bridge hears: a guest's is on no link.
    private static func sharesHeardAddress(_ subject: Subject) -> Verdict {
        guard let contested = subject.facts.contested[subject.link.place], let bridge = subject.master,
            let other = subject.inventory[contested.otherPlace], other.identity == contested.other,
            other.state.masterIndex == subject.state.masterIndex, other.state.carrier.isUp == true,
            subject.state.carrier.isUp == true
        else { return .fine }
        guard let mine = workloads(behind: subject.link, subject), let theirs = workloads(behind: other, subject) else {
            return .unsure(.readers)
        }
        // One machine with two cables, a bond say, may speak on both.
        guard mine.isDisjoint(with: theirs) else { return .fine }
        return .wrong(
            Diagnosed(
                reason: "its workload has the MAC \(contested.address), and so has the one behind \(other.state.name)",
                evidence: [
                    Evidence("it and \(other.state.name) are ports of \(bridge.state.name)", "IFLA_MASTER"),
                    Evidence(
                        "\(bridge.state.name) heard \(contested.address) in turns behind it and \(other.state.name)",
                        "RTM_GETNEIGH, AF_BRIDGE"),
                    evidence(of: mine, "it", subject), evidence(of: theirs, "\(other.state.name)", subject),
                ], command: subject.ip("fdb show br DEVICE", on: bridge, program: "bridge")),
            restsOn: .readers)
    }

    private enum Workload: Hashable {
        case program(ProcessName)
        case namespace(NamespaceID)
    }

    /// Who is behind a port; nil where that is not known.
    private static func workloads(behind port: Link, _ subject: Subject) -> Set<Workload>? {
        guard port.state.kind == .tap else { return port.peer.map { [.namespace($0.namespace)] } }
        guard let readers = subject.sheet(of: port).readers, !readers.isEmpty else { return nil }
        return Set(readers.map { .program($0) })
    }

    private static func evidence(of workloads: Set<Workload>, _ port: String, _ subject: Subject) -> Evidence {
        switch workloads.first {
        case .program(let name)?: Evidence("\(name) is behind \(port)", "/proc/PID/fdinfo")
        case .namespace(let id)?: Evidence("\(subject.inWords(id)) is behind \(port)", "IFLA_LINK_NETNSID")
        case nil: Evidence("a workload is behind \(port)", "IFLA_MASTER")
        }
    }
}
