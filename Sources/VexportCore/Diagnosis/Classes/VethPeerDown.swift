extension FindingClass {
    /// A veth is up, and its other end was not brought up, or was taken down.
    static let vethPeerDown = FindingClass(.vethPeerDown, grace: .seconds(10)) { subject in
        guard subject.state.kind == .veth, subject.isAdminUp, subject.state.carrier.isUp == false,
            let peer = subject.peer, !peer.state.flags.contains(.up)
        else { return .fine }
        return .wrong(
            Diagnosed(
                reason: "its peer \(subject.inWords(peer)) is down, so nothing gets through",
                evidence: [
                    Evidence("it is up", "ifi_flags"), Evidence("it has no carrier", "IFLA_CARRIER"),
                    Evidence("its peer is \(subject.inWords(peer))", "IFLA_LINK, IFLA_LINK_NETNSID"),
                    Evidence("\(peer.state.name) is down", "ifi_flags of the peer"),
                ], command: subject.ip("link set dev DEVICE up", on: peer)),
            restsOn: [])
    }
}
