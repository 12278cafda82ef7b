extension FindingClass {
    /// An end of a veth in vexport's own namespace that leads nowhere. In other namespaces it can't be told who uses it.
    static let vethUnplumbed = FindingClass(.vethUnplumbed, grace: .seconds(30)) { subject in
        guard subject.state.kind == .veth, subject.link.place.namespace == .own, subject.isAdminUp,
            subject.state.masterIndex == nil, subject.link.peer != nil,
            !subject.index.mayHaveUpper(subject.link.place)
        else { return .fine }
        let sheet = subject.sheet
        guard let addresses = sheet.addresses, let routes = sheet.routes, let sockets = sheet.packetSockets,
            let hasPrograms = sheet.hasPrograms
        else { return .unsure(.uses) }
        guard addresses.isEmpty, routes == 0, sockets == 0, !hasPrograms else { return .fine }
        return .wrong(
            Diagnosed(
                reason: "it is up and leads nowhere: nothing here takes what comes out of it",
                evidence: [
                    Evidence("it is in no bridge or other master", "IFLA_MASTER"),
                    Evidence("no link stands on it", "IFLA_LINK of all links"),
                    Evidence("it has no address", "RTM_GETADDR"), Evidence("no route leads to it", "RTM_GETROUTE"),
                    Evidence("no packet socket takes its frames, as a userspace Open vSwitch's would", "sock_diag"),
                    Evidence(
                        "it has no XDP, tc or tcx program", "IFLA_XDP, RTM_GETTFILTER, BPF_PROG_QUERY"),
                ], command: subject.ip("link del dev DEVICE", on: subject.link)),
            restsOn: .uses)
    }
}
