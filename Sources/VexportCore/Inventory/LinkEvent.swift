/// Something that happened to a link.
public struct LinkEvent: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case created
        case deleted
        /// To a namespace that vexport does not follow.
        case movedAway
        /// From another namespace to where it is now.
        case moved(from: NamespaceID)
        case renamed(from: EscapedText)
        case adminUp
        case adminDown
        /// The carrier went up and down this often since the last event; the kernel merges quick changes.
        case carrierChanged(isUp: Bool?, ups: UInt32, downs: UInt32)
        case operstateChanged
        case masterChanged(from: Int32?)
        case peerChanged
        case portStateChanged(from: UInt8?)
        case mtuChanged
        case addressChanged
    }

    public var link: LinkIdentity
    /// Where the link was when it happened (after a move, the new place).
    public var place: LinkPlace
    /// The link's name when it happened (after a rename, the new one).
    public var name: EscapedText
    public var kind: Kind
    /// Not told by the kernel but found by comparing with a dump or an answer.
    public var isInferred: Bool
    /// Whether the link may have another owner now, though no process is new: one that has been there for long may have opened
    /// it, or live where it has come to.
    public let mayChangeOwner: Bool
    public var at: Timestamp
    /// The netlink port of the socket that asked for it, where the kernel says so: the process id, mostly.
    /// Source: nlmsg_pid.
    public var requester: UInt32?

    init(_ link: Link, _ kind: Kind, inferred: Bool, at: Timestamp) {
        self.link = link.identity
        place = link.place
        name = link.state.name
        self.kind = kind
        isInferred = inferred
        mayChangeOwner = kind.mayChangeOwner(of: link.state.kind)
        self.at = at
    }
}

extension LinkEvent.Kind {
    /// All labels, in the order of `ordinal`.
    public static let labels = [
        "created", "deleted", "moved_away", "renamed", "admin_up", "admin_down", "carrier_changed", "operstate_changed",
        "master_changed", "peer_changed", "port_state_changed", "mtu_changed", "address_changed", "moved",
    ]

    /// How often the carrier changed, at least. The kernel's counters tell of changes that it did not announce.
    public var carrierChanges: Int {
        guard case .carrierChanged(_, let ups, let downs) = self else { return 0 }
        return max(1, Int(ups) + Int(downs))
    }

    func mayChangeOwner(of link: LinkKind) -> Bool {
        switch self {
        case .created, .moved: link.isHeldByProcess || link == .veth
        // Nobody announces a reader of a tap that is down: setting it up does.
        case .adminUp, .carrierChanged(isUp: true, _, _): link.isHeldByProcess
        case .peerChanged: link == .veth
        default: false
        }
    }

    /// The place of this kind's label in `labels`.
    public var ordinal: Int {
        switch self {
        case .created: 0
        case .deleted: 1
        case .movedAway: 2
        case .renamed: 3
        case .adminUp: 4
        case .adminDown: 5
        case .carrierChanged: 6
        case .operstateChanged: 7
        case .masterChanged: 8
        case .peerChanged: 9
        case .portStateChanged: 10
        case .mtuChanged: 11
        case .addressChanged: 12
        case .moved: 13
        }
    }
}
