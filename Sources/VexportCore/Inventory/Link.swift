/// One network device, from its birth to its end.
public struct Link: Equatable, Sendable {
    public let identity: LinkIdentity
    /// Its place in a tick's columns. Free for another link once this one is gone.
    public let slot: Int
    /// Where it is now.
    public internal(set) var place: LinkPlace
    public var state: LinkState {
        get { sharedState.value }
        set { sharedState = Shared(newValue) }
    }
    /// A veth's other end, in whichever namespace; nil while it is not known.
    public internal(set) var peer: LinkPlace?
    /// Another link has shown up under this name, so this one was renamed or deleted and the message is still to come.
    public var nameIsTaken = false
    /// Links are looked up and handed on all the time.
    private var sharedState: Shared<LinkState>

    init(identity: LinkIdentity, slot: Int, place: LinkPlace, state: LinkState) {
        self.identity = identity
        self.slot = slot
        self.place = place
        sharedState = Shared(state)
    }

    /// The index of a veth's other end when that is in the same namespace.
    public var localPeerIndex: Int32? {
        guard let peer, peer.namespace == place.namespace else { return nil }
        return peer.index
    }

    /// A veth's other end always exists, but the message of an end that is made first, or from another namespace, does
    /// not say where.
    var peerIsUnknown: Bool { state.kind == .veth && peer == nil }
}

/// What tells a link from all others, before and after: it survives a rename and a move to another namespace, and a
/// re-created name is a new identity.
public struct LinkIdentity: Hashable, Sendable {
    /// Where it was first seen.
    public let namespace: NamespaceID
    /// The index it had there. Source: ifi_index.
    public let index: Int32
    /// How many links the inventory had seen before this one. The kernel reuses indexes at once, this never.
    public let birth: UInt64

    public init(namespace: NamespaceID = .own, index: Int32, birth: UInt64) {
        self.namespace = namespace
        self.index = index
        self.birth = birth
    }
}

/// Where a link is: indexes count in a namespace, and equal ones in two namespaces are two links.
public struct LinkPlace: Hashable, Sendable {
    public var namespace: NamespaceID
    /// Source: ifi_index.
    public var index: Int32

    public init(_ namespace: NamespaceID = .own, _ index: Int32) {
        self.namespace = namespace
        self.index = index
    }
}

/// Where the kernel finds a link that it is asked for.
public struct LinkAddress: Hashable, Comparable, Sendable {
    /// nil is vexport's own namespace.
    public var namespace: NSID?
    public var index: Int32

    public init(_ namespace: NSID? = nil, _ index: Int32) {
        self.namespace = namespace
        self.index = index
    }

    public static func < (left: LinkAddress, right: LinkAddress) -> Bool {
        (left.namespace ?? -1, left.index) < (right.namespace ?? -1, right.index)
    }
}
