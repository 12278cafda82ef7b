/// What a link is, from IFLA_INFO_KIND and its data, never from its name.
public enum LinkKind: Hashable, Sendable {
    case tap
    case tun
    case veth
    case bridge
    case openVSwitch
    case loopback
    /// A device of no kind: hardware, or a virtual machine's view of it.
    case physical
    /// Any other kind, under the kernel's name for it: vxlan, macvlan, ifb, wireguard, …
    case other(String)

    /// Reads a kind.
    ///
    /// - Parameters:
    ///   - name: IFLA_INFO_KIND; nil where the link has none.
    ///   - isLoopback: IFF_LOOPBACK.
    ///   - tunType: IFLA_TUN_TYPE, 1 for tun and 2 for tap.
    public init(name: String?, isLoopback: Bool, tunType: UInt8?) {
        self =
            switch name {
            case nil: isLoopback ? .loopback : .physical
            case "tun": tunType == 1 ? .tun : .tap
            case "veth": .veth
            case "bridge": .bridge
            case "openvswitch": .openVSwitch
            case .some(let other): .other(other)
            }
    }

    /// Whether its far end is the process that holds its descriptor.
    var isHeldByProcess: Bool {
        switch self {
        case .tap, .tun, .macvtap: true
        default: false
        }
    }

    static let macvtap = LinkKind.other("macvtap")

    /// The name in labels and on screen.
    public var name: String {
        switch self {
        case .tap: "tap"
        case .tun: "tun"
        case .veth: "veth"
        case .bridge: "bridge"
        case .openVSwitch: "openvswitch"
        case .loopback: "loopback"
        case .physical: "physical"
        case .other(let name): name
        }
    }
}
