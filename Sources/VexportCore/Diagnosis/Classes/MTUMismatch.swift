extension FindingClass {
    /// A path narrows: frames that the workload may send are dropped by a link further on, and nobody tells it, since between
    /// bridges nobody fragments.
    static let mtuMismatch = FindingClass(.mtuMismatch, grace: .seconds(30)) { subject in
        // The other end of a veth would tell the same.
        guard subject.state.masterIndex != nil, subject.state.carrier.isUp == true, subject.leadsToWorkload,
            subject.inventory.isSampled(subject.link, farEnds: false)
        else { return .fine }
        guard subject.pathMayNarrow else { return .fine }
        let walk = PathWalk(from: subject.link, in: subject.surroundings.pathMap)
        guard let (first, narrowest) = walk.narrowing else { return .fine }
        let isGuest = subject.state.kind != .veth
        return .wrong(
            Diagnosed(
                // A guest's own MTU is on no link: it may have been told of the smaller one.
                severity: isGuest ? .info : .warning,
                reason: "its workload may send \(first.1) bytes, and \(subject.inWords(narrowest.0)) on its path takes "
                    + "\(narrowest.1)" + (isGuest ? "; whether the guest sends as much no link tells" : ""),
                evidence: [
                    Evidence("\(subject.inWords(first.0)) has an MTU of \(first.1)", "IFLA_MTU"),
                    Evidence("\(subject.inWords(narrowest.0)) has one of \(narrowest.1)", "IFLA_MTU"),
                    Evidence(
                        "the path is \(walk.links.map(subject.inWords).joined(separator: ", "))",
                        "IFLA_MASTER, IFLA_LINK, IFLA_LINK_NETNSID"),
                ], command: subject.ip("link set dev DEVICE mtu \(narrowest.1)", on: first.0)),
            restsOn: [])
    }
}

extension Subject {
    fileprivate var leadsToWorkload: Bool { PathWalk.leadsToWorkload(link, peer: peer) }

    /// False only where no walk is needed to tell.
    fileprivate var pathMayNarrow: Bool {
        guard let first = (peer ?? link).state.mtu else { return false }
        guard first <= link.state.mtu ?? .max, let master, master.state.kind == .bridge else { return true }
        return surroundings.narrowestWay(from: master) < first
    }
}
