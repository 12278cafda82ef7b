/// What a collector learned about links, in the order in which the kernel said it.
public enum LinkChange: Sendable {
    /// An event: the link with this index looks like this now.
    case announced(index: Int32, LinkState)
    /// An event about a bridge's port. Its port state is the true one, which that in `announced` is not.
    case portAnnounced(index: Int32, LinkState.BridgePort)
    /// An event: no port of a bridge any more. The link lives on.
    case portReleased(index: Int32)
    /// An event.
    case deleted(index: Int32)
    /// An event: it went to another namespace.
    case movedAway(index: Int32)
    /// The answer to a question for one link.
    case asked(index: Int32, LinkState)
    /// The answer "no such device" to that question.
    case notFound(index: Int32)
    /// A dump of all links. Those missing from it may have been missed by it: they are to be asked for one by one.
    case dumped([(Int32, LinkState)])
    /// What drivers say of their links' speeds, which neither events nor answers tell.
    case speeds([Int32: LinkState.Speed])
}
