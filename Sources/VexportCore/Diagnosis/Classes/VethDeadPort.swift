extension FindingClass {
    /// A bridge sends frames into a veth whose other end is down or abandoned: it has learned addresses behind it.
    static let vethDeadPort = FindingClass(.vethDeadPort, grace: .seconds(10)) { subject in
        guard subject.state.kind == .veth, let master = subject.master, master.state.kind == .bridge else {
            return .fine
        }
        let cause = subject.standing[.vethPeerDown] ?? subject.standing[.vethPeerAbandoned]
        guard let cause, cause.severity == .warning else { return .fine }
        guard let learned = subject.sheet.learnedAddresses else { return .unsure(.forwarding) }
        guard !learned.isEmpty else { return .fine }
        let shown = learned.prefix(3).joined(separator: ", ") + (learned.count > 3 ? ", ..." : "")
        return .wrong(
            Diagnosed(
                reason: "bridge \(master.state.name) still sends frames for \(learned.count) "
                    + "\(learned.count == 1 ? "address" : "addresses") into it, and \(cause.reason)",
                evidence: [
                    Evidence("it is a port of \(master.state.name)", "IFLA_MASTER"),
                    Evidence("\(master.state.name) has entries for \(shown) behind it", "RTM_GETNEIGH, AF_BRIDGE"),
                ] + cause.evidence, command: cause.command),
            restsOn: .forwarding)
    }
}
