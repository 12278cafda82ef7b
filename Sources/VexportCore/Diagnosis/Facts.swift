/// What is known beyond link states, and when it was looked at. Only links that would otherwise be findings are asked about;
/// whatever is nil could not be told, and then no finding rests on it.
public struct Facts: Sendable {
    public var links: [LinkPlace: LinkFactSheet] = [:]
    public var namespaces: [NamespaceID: NamespaceUse] = [:]
    /// Ports behind which their bridge hears an address in turns with another port.
    var contested: [LinkPlace: ContestedAddress] = [:]

    public init() {}
}

/// Which facts of a link a class asks for.
public struct FactKinds: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What uses it: addresses, routes, packet sockets, programs.
    public static let uses = FactKinds(rawValue: 1 << 0)
    /// The addresses that its bridge has learned behind it.
    public static let forwarding = FactKinds(rawValue: 1 << 1)
    /// Who holds a tap's descriptor.
    public static let readers = FactKinds(rawValue: 1 << 2)
    /// Who uses or holds the namespace that a veth leads to.
    public static let farNamespace = FactKinds(rawValue: 1 << 3)
}

/// Facts of one link.
public struct LinkFactSheet: Equatable, Sendable {
    /// What the kernel says of the link itself when asked for it; nil when it has none.
    public var seen: LinkSighting?
    /// Its veth peer, likewise.
    public var peerSeen: LinkSighting?
    /// Addresses on the link other than IPv6 link-local ones. Source: RTM_GETADDR.
    public var addresses: [String]?
    /// How many routes lead out of it, those that the kernel makes for every link apart. Source: RTM_GETROUTE.
    public var routes: Int?
    /// Packet sockets bound to it. Those that take the frames of all links lead nowhere. Source: sock_diag AF_PACKET.
    public var packetSockets: Int?
    /// XDP, tc and tcx programs. Source: IFLA_XDP, RTM_GETTFILTER, BPF_PROG_QUERY.
    public var hasPrograms: Bool?
    /// Entries that its bridge learned behind it. Source: RTM_GETNEIGH, AF_BRIDGE.
    public var learnedAddresses: [String]?
    /// Processes that hold the tap's descriptor. Source: /proc/PID/fdinfo.
    public var readers: [ProcessName]?

    public init() {}
}

/// The part of a link's state that findings rest on, read again.
public struct LinkSighting: Equatable, Sendable {
    public var isAdminUp: Bool
    public var carrier: Bool?
    public var masterIndex: Int32?

    public init(isAdminUp: Bool, carrier: Bool?, masterIndex: Int32?) {
        self.isAdminUp = isAdminUp
        self.carrier = carrier
        self.masterIndex = masterIndex
    }

    public init(_ state: LinkState) {
        self.init(
            isAdminUp: state.flags.contains(.up), carrier: state.carrier.isUp, masterIndex: state.masterIndex)
    }
}

/// A process as a person would look for it.
public struct ProcessName: Hashable, Sendable, CustomStringConvertible {
    public let pid: Int32
    /// Source: /proc/PID/comm.
    public let command: EscapedText

    public init(pid: Int32, command: EscapedText) {
        self.pid = pid
        self.command = command
    }

    public var description: String { "process \(pid) (\(command))" }
}

/// Who uses a namespace.
public struct NamespaceUse: Equatable, Sendable {
    /// Processes and threads in it; nil where not all could be looked at. Source: /proc/PID/task/TID/ns/net.
    public var isInhabited: Bool?
    /// Addresses in it, but for loopback and IPv6 link-local ones. Source: RTM_GETADDR.
    public var hasAddresses: Bool?
    /// It forwards packets, or bridges them. Source: IFLA_INET_CONF, IFLA_INET6_CONF, IFLA_MASTER.
    public var isForwarding: Bool?
    /// It sent packets to vexport's namespace between the last two looks. Source: IFLA_STATS_LINK_64.
    public var isSending: Bool?
    /// What keeps it alive, as far as that is visible; nil when nobody looked.
    public var holders: [NamespaceHolder]?

    public init() {}

    /// It has no address, forwards nothing and sends nothing; nil where that can't be told.
    var isIdle: Bool? {
        if hasAddresses == true || isForwarding == true || isSending == true { return false }
        return hasAddresses == nil || isForwarding == nil || isSending == nil ? nil : true
    }

    /// More than who lives there is known.
    var isDetailed: Bool { holders != nil || hasAddresses != nil || isForwarding != nil || isSending != nil }
}

/// Something that keeps a namespace alive without living in it.
public enum NamespaceHolder: Equatable, Sendable {
    /// A bind mount of its file, in the mount namespace of this process.
    case mount(path: EscapedText, ProcessName)
    case descriptor(ProcessName)
    case socket(ProcessName)
    case tap(ProcessName)
}
