extension FindingClass {
    /// A workload's port is up and does not forward. Between bridges that is how spanning trees break loops.
    static let bridgePortBlocked = FindingClass(.bridgePortBlocked, grace: twiceTheForwardDelay) { subject in
        guard let port = subject.state.bridgePort?.state, port != forwarding, subject.isAdminUp,
            subject.state.carrier.isUp == true, leadsToWorkload(subject), let bridge = subject.master
        else { return .fine }
        let bridgeIsDown = !bridge.state.flags.contains(.up)
        let name = port < names.count ? names[Int(port)] : "in state \(port)"
        return .wrong(
            Diagnosed(
                reason: bridgeIsDown
                    ? "its bridge \(bridge.state.name) is down, so its workload is cut off"
                    : "its bridge \(bridge.state.name) keeps it \(name), so its workload is cut off",
                evidence: [
                    Evidence("it is up and has a carrier", "ifi_flags, IFLA_CARRIER"),
                    Evidence("as a port of \(bridge.state.name) it is \(name)", "IFLA_BRPORT_STATE"),
                    Evidence(
                        "\(bridge.state.name) is \(bridgeIsDown ? "down" : "up")", "ifi_flags of the bridge"),
                    Evidence(
                        "what is behind it is no bridge", subject.state.kind == .tap ? "IFLA_INFO_KIND" : "IFLA_LINK"),
                ],
                command: bridgeIsDown
                    ? subject.ip("link set dev DEVICE up", on: bridge)
                    : subject.ip("-d link show dev DEVICE", on: subject.link)),
            restsOn: [])
    }

    private static let forwarding: UInt8 = 3
    private static let names = ["disabled", "listening", "learning", "forwarding", "blocking"]

    /// A port listens and learns for a forward delay each; and a little, since timers are no clocks.
    @Sendable private static func twiceTheForwardDelay(_ subject: Subject) -> Duration {
        let delay = subject.master?.state.bridge?.forwardDelay ?? .seconds(15)
        return delay * 2 + .seconds(5)
    }

    /// A tap, or a veth whose far end is in no bridge and is in another namespace.
    private static func leadsToWorkload(_ subject: Subject) -> Bool {
        switch subject.state.kind {
        case .tap: return true
        case .veth:
            guard let peer = subject.peer else { return false }
            return peer.place.namespace != subject.link.place.namespace && peer.state.masterIndex == nil
        default: return false
        }
    }
}
