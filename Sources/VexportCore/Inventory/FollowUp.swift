/// What the inventory leaves for a collector to do, since it can ask nobody itself.
public struct FollowUp: Sendable {
    /// Links whose description may be out of date, and which should be asked for: missing from a dump, with a name that
    /// another link now has, a tap (nobody announces a change of its persistence or queues), a veth whose peer is not
    /// known or went to another namespace.
    public internal(set) var doubtful: Set<LinkAddress> = []
    /// Links that are gone, and need not be asked for any more.
    public internal(set) var gone: [LinkAddress] = []
    /// Namespaces to dump: what happened in them before they had a number was not told.
    public internal(set) var appearedNamespaces: Set<NSID> = []
    /// Numbers whose namespace is gone. One that has appeared since under such a number is among those as well.
    public internal(set) var goneNamespaces: Set<NSID> = []
    /// Namespaces of which only the number is known: their file should be looked for.
    public internal(set) var unidentifiedNamespaces: Set<NSID> = []

    /// How often carriers changed in each namespace.
    public internal(set) var carrierChanges: [NSID?: Int] = [:]

    public init() {}

    /// Whether anything is to be asked or dumped.
    public var needsAnswers: Bool { !doubtful.isEmpty || !appearedNamespaces.isEmpty || !carrierChanges.isEmpty }
}
