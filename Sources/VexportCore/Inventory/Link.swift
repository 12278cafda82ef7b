/// One network device, from its birth to its end.
public struct Link: Equatable, Sendable {
    public let identity: LinkIdentity
    /// Its place in a tick's columns. Free for another link once this one is gone.
    public let slot: Int
    public var state: LinkState
    /// Another link has shown up under this name, so this one was renamed or deleted and the message is still to come.
    public var nameIsTaken = false

    /// The index of a veth's other end when that is in the same namespace.
    public var localPeerIndex: Int32? {
        guard state.kind == .veth, let lower = state.lowerLink, lower.namespaceID == nil else { return nil }
        return lower.index
    }

    /// A veth's other end always exists, but the message of an end that is made first, or from another namespace, does
    /// not say where.
    var peerIsUnknown: Bool { state.kind == .veth && state.lowerLink == nil }
}

/// What tells a link from all others, before and after: it survives a rename, and a re-created name is a new identity.
public struct LinkIdentity: Hashable, Sendable {
    /// Source: ifi_index.
    public let index: Int32
    /// How many links the inventory had seen before this one. The kernel reuses indexes at once, this never.
    public let birth: UInt64

    public init(index: Int32, birth: UInt64) {
        self.index = index
        self.birth = birth
    }
}
