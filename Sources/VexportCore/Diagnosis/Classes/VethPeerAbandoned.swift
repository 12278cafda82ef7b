extension FindingClass {
    /// A veth leads into a namespace that nobody uses any more, and that something still keeps alive: when a namespace really
    /// dies, its veths die at both ends.
    static let vethPeerAbandoned = FindingClass(.vethPeerAbandoned, grace: .seconds(30)) { subject in
        guard subject.state.kind == .veth, let place = subject.link.peer,
            place.namespace != subject.link.place.namespace, place.namespace != .own,
            let use = subject.farNamespace, use.isInhabited == false
        else { return .fine }
        let names = (subject.inventory.namespaces[place.namespace]?.names ?? []).map(\.description).sorted()
        var evidence = [
            Evidence(
                "its peer is \(subject.peer.map(subject.inWords) ?? subject.inWords(place.namespace))",
                "IFLA_LINK, IFLA_LINK_NETNSID"),
            Evidence("no process and no thread is in that namespace", "/proc/PID/task/TID/ns/net"),
        ]
        if !names.isEmpty { evidence.append(Evidence("its name is \(names.joined(separator: ", "))", "/run/netns")) }
        let holders = use.holders
        // Routers and labs live in named namespaces without a process, and Docker Swarm's networks in some that only a mount
        // elsewhere keeps.
        if !names.isEmpty || holders?.contains(where: \.isMount) == true {
            guard let isIdle = use.isIdle else { return .unsure(.farNamespace) }
            guard isIdle else { return .fine }
            evidence += [
                Evidence("it has no address", "RTM_GETADDR"),
                Evidence("it forwards nothing", "IFLA_INET_CONF, IFLA_INET6_CONF, IFLA_MASTER"),
                Evidence("it has sent nothing lately", "IFLA_STATS_LINK_64"),
            ]
        }
        if !names.isEmpty {
            // An idle one may be meant so.
            return .wrong(
                Diagnosed(
                    severity: .info, reason: "it leads to \(subject.inWords(place.namespace)), which is named but idle",
                    evidence: evidence, command: command(removing: names)),
                restsOn: .farNamespace)
        }
        guard let holders else { return .unsure(.farNamespace) }
        evidence.append(Evidence("it has no name", "/run/netns"))
        evidence += holders.map { Evidence("\($0.description) keeps it alive", $0.source) }
        if holders.isEmpty {
            evidence.append(Evidence("what keeps it alive is not visible", "/proc/PID/fd, /proc/PID/mountinfo"))
        }
        return .wrong(
            Diagnosed(
                reason: "it leads to a namespace that nobody uses, kept alive by "
                    + (holders.first?.description ?? "something that is not visible"),
                evidence: evidence, command: subject.ip("link del dev DEVICE", on: subject.link)),
            restsOn: .farNamespace)
    }

    private static func command(removing names: [String]) -> String? {
        names.count == 1 && ShellText.isPlain(names[0]) ? "ip netns del \(names[0])" : nil
    }
}

extension NamespaceHolder: CustomStringConvertible {
    public var description: String {
        switch self {
        case .mount(let path, let process): "a bind mount at \(path), in the mount namespace of \(process)"
        case .descriptor(let process): "an open descriptor of \(process)"
        case .socket(let process): "a socket of \(process)"
        case .tap(let process): "a tun descriptor of \(process)"
        }
    }

    /// Somebody gave the namespace a place in a file tree, so that it may be meant to stay.
    fileprivate var isMount: Bool { if case .mount = self { true } else { false } }

    /// Where that was seen.
    var source: String {
        switch self {
        case .mount: "/proc/PID/mountinfo"
        case .descriptor: "/proc/PID/fd"
        case .socket: "pidfd_getfd, SIOCGSKNS"
        case .tap: "pidfd_getfd, TUNGETDEVNETNS"
        }
    }
}
