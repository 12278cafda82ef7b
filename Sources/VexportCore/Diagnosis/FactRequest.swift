/// What the diagnosis wants to know, for somebody who may ask the kernel and look into /proc.
public struct FactRequest: Sendable {
    public struct LinkQuestion: Sendable {
        public let place: LinkPlace
        public let address: LinkAddress
        public let name: EscapedText
        /// A veth's other end.
        public let peer: (place: LinkPlace, address: LinkAddress)?
        public var kinds: FactKinds
    }

    public struct NamespaceQuestion: Sendable {
        /// nil where its file is not known.
        public let file: NamespaceFile?
        public let nsid: NSID?
        /// The ends in vexport's own namespace of the cables that lead there, by index.
        public var nearEnds: [Int32] = []
        /// Everything about it, not only whether somebody lives there.
        public var isDetailed = false
    }

    public var links: [LinkQuestion] = []
    public var namespaces: [NamespaceID: NamespaceQuestion] = [:]
    /// Bridges of vexport's own namespace, by index: behind which ports they hear which addresses.
    public var bridges: [Int32] = []

    public init() {}

    public var isEmpty: Bool { links.isEmpty && namespaces.isEmpty && bridges.isEmpty }
}

/// The answer to a request.
public struct FactAnswer: Sendable {
    /// Nothing in it is older.
    public let startedAt: ContinuousClock.Instant
    public var links: [LinkPlace: LinkFactSheet] = [:]
    public var namespaces: [NamespaceID: NamespaceUse] = [:]
    /// By bridge; one of which it could not be told is missing.
    public var heard: [Int32: [HeardAddress]] = [:]

    public init(startedAt: ContinuousClock.Instant) {
        self.startedAt = startedAt
    }
}
