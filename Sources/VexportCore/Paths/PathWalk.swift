/// The links that a workload's frames pass on their way out of the host, as far as links alone tell.
struct PathWalk {
    /// Why it goes no further.
    enum End: Equatable {
        /// A physical link, or a bond of some.
        case uplink
        /// Into a tunnel.
        case tunnel
        /// The last link is a port of Open vSwitch's kernel datapath.
        case openVSwitch
        /// The last link is a port of nothing that links tell of: the host routes on, or a switch without a master does.
        case noMaster
        /// Nothing but workloads is at the bridge.
        case noWayOn
        /// So many ports of the bridge lead on, and its addresses decide.
        case severalWays([EscapedText])
        /// The link leads to one that is not known, or of which no more is.
        case unknown
        /// It comes back to where it was, or is longer than any that works.
        case circle
    }

    /// What a walk looks at. `ways` are the ports of a bridge that `leadsOn` holds for.
    struct Map {
        let inventory: Inventory
        let ways: @Sendable (LinkPlace) -> [Link]

        func peer(of link: Link) -> Link? { link.peer.flatMap { inventory[$0] } }

        func master(of link: Link) -> Link? {
            link.state.masterIndex.flatMap { inventory[LinkPlace(link.place.namespace, $0)] }
        }
    }

    /// Links that no path that works has more of.
    private static let longest = 32
    private static let bonds: Set<String> = ["bond", "team"]
    private static let tunnels: Set<String> = [
        "vxlan", "geneve", "gre", "gretap", "ip6gre", "ip6gretap", "erspan", "ipip", "sit", "ip6tnl", "wireguard",
    ]

    private(set) var links: [Link]
    private(set) var end = End.unknown
    private let map: Map

    /// - Parameter near: the host's end of the workload's cable: a tap, or a veth whose peer comes first, then; or any other
    ///   link to begin at.
    init(from near: Link, in map: Map) {
        self.map = map
        links = [near]
        if Self.leadsToWorkload(near, peer: map.peer(of: near)) {
            if let far = map.peer(of: near) { links.insert(far, at: 0) }
            end = emerge(near)
        } else if near.state.kind == .bridge {
            end = forward(near, from: nil)
        } else if map.master(of: near) != nil, !Self.leadsOn(near, peer: map.peer(of: near)) {
            end = emerge(near)
        } else {
            end = leave(near)
        }
    }

    /// Whether a workload may be at the link's far end: a tap, or a veth into another namespace that ends there.
    static func leadsToWorkload(_ link: Link, peer: Link?) -> Bool {
        switch link.state.kind {
        case .tap, .tun: true
        case .veth: peer.map { $0.place.namespace != link.place.namespace && $0.state.masterIndex == nil } ?? false
        default: false
        }
    }

    /// Whether a bridge's port leads on, away from workloads. A veth does that into the same namespace, or to another bridge.
    static func leadsOn(_ port: Link, peer: Link?) -> Bool {
        switch port.state.kind {
        case .tap, .tun, .loopback: false
        case .veth: peer.map { $0.place.namespace == port.place.namespace || $0.state.masterIndex != nil } ?? false
        default: true
        }
    }

    /// A frame has come out of the link.
    private mutating func emerge(_ link: Link) -> End {
        guard link.state.masterIndex != nil else { return .noMaster }
        guard let master = map.master(of: link) else { return .unknown }
        if master.state.kind == .openVSwitch { return .openVSwitch }
        guard add(master) else { return .circle }
        return forward(master, from: link)
    }

    /// A bridge has a frame from one of its ports, or from the host.
    private mutating func forward(_ bridge: Link, from port: Link?) -> End {
        let ways = map.ways(bridge.place).filter { $0.place != port?.place }
        // A patch to another bridge beside an uplink is the longer way.
        let direct = ways.filter { $0.state.kind != .veth }
        let best = direct.isEmpty ? ways : direct
        guard let way = best.first else { return .noWayOn }
        guard best.count == 1 else { return .severalWays(best.map(\.state.name).sorted { "\($0)" < "\($1)" }) }
        guard add(way) else { return .circle }
        return leave(way)
    }

    /// A frame goes out through the link.
    private mutating func leave(_ link: Link) -> End {
        switch link.state.kind {
        case .veth:
            guard let peer = map.peer(of: link) else { return .unknown }
            guard add(peer) else { return .circle }
            return emerge(peer)
        case .physical: return .uplink
        case .openVSwitch: return .openVSwitch
        case .bridge: return forward(link, from: nil)
        case .other(let kind) where Self.bonds.contains(kind): return .uplink
        case .other(let kind) where Self.tunnels.contains(kind): return .tunnel
        default:
            // A VLAN's link, a macvlan's.
            guard let lower = link.state.lowerLink, lower.namespaceID == nil,
                let below = map.inventory[LinkPlace(link.place.namespace, lower.index)]
            else { return .unknown }
            guard add(below) else { return .circle }
            return leave(below)
        }
    }

    private mutating func add(_ link: Link) -> Bool {
        guard links.count < Self.longest, !links.contains(where: { $0.place == link.place }) else { return false }
        links.append(link)
        return true
    }

    /// A bridge's own MTU does not count: it forwards between its ports by theirs.
    private var widths: [(Link, UInt32)] {
        links.filter { $0.state.kind != .bridge }.compactMap { link in link.state.mtu.map { (link, $0) } }
    }

    /// Of all its links.
    var narrowestMTU: UInt32? { widths.map(\.1).min() }

    /// The first of those with the smallest MTU, and the first link's, where the path narrows.
    var narrowing: (first: (Link, UInt32), narrowest: (Link, UInt32))? {
        let widths = widths
        guard let first = widths.first, first.0.place == links.first?.place,
            let narrowest = widths.min(by: { $0.1 < $1.1 }), narrowest.1 < first.1
        else { return nil }
        return (first, narrowest)
    }
}

extension PathWalk.End {
    /// For people: what is after the last link.
    func text(after last: Link) -> String {
        let name = last.state.name
        return switch self {
        case .uplink: "\(name) leads out of the host"
        case .tunnel: "\(name) leads out of the host, through a tunnel"
        case .openVSwitch: "\(name) is a port of Open vSwitch, which vexport does not ask: what follows is not known"
        case .noMaster:
            "\(name) is no bridge's port: its namespace routes on, or a userspace Open vSwitch has it, which vexport does not "
                + "ask"
        case .noWayOn: "nothing but workloads is at \(name): its namespace routes on, or nothing does"
        case .severalWays(let names):
            "\(name) has \(names.count) ways on, by address: \(names.prefix(8).map(\.description).joined(separator: ", "))"
                + (names.count > 8 ? ", ..." : "")
        case .unknown: "what is behind \(name) is not known"
        case .circle: "after \(name) it comes back to where it was"
        }
    }

    /// As JSON names it.
    var name: String {
        switch self {
        case .uplink: "uplink"
        case .tunnel: "tunnel"
        case .openVSwitch: "open_vswitch"
        case .noMaster: "no_master"
        case .noWayOn: "no_way_on"
        case .severalWays: "several_ways"
        case .unknown: "unknown"
        case .circle: "circle"
        }
    }
}
