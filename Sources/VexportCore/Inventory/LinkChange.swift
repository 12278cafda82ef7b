/// What a collector learned about links and namespaces, in the order in which the kernel said it.
///
/// Namespaces go by their numbers in vexport's own table; nil is vexport's own.
public enum LinkChange: Sendable {
    /// An event whose message says which socket asked for it. Source: nlmsg_pid, mostly the process id of the asker.
    indirect case requested(LinkChange, by: UInt32)
    /// An event: the link with this index looks like this now. What it says of other namespaces counts in the table of
    /// its own.
    case announced(in: NSID? = nil, index: Int32, LinkState)
    /// An event about a bridge's port. Its port state is the true one, which that in `announced` is not.
    case portAnnounced(in: NSID? = nil, index: Int32, LinkState.BridgePort)
    /// An event: no port of a bridge any more. The link lives on.
    case portReleased(in: NSID? = nil, index: Int32)
    /// An event.
    case deleted(in: NSID? = nil, index: Int32)
    /// An event: it went to another namespace. Where to counts in the table of the one it left.
    case movedAway(in: NSID? = nil, index: Int32, to: LinkAddress? = nil)
    /// The answer to a question for one link. From here on what is said of other namespaces counts in vexport's table.
    case asked(in: NSID? = nil, index: Int32, LinkState)
    /// The answer "no such device" to that question.
    case notFound(in: NSID? = nil, index: Int32)
    /// A dump of all links of a namespace. Those missing from it may have been missed by it: they are to be asked for one
    /// by one.
    case dumped(in: NSID? = nil, [(Int32, LinkState)])
    /// What drivers say of the speeds of links in vexport's own namespace, which neither events nor answers tell.
    case speeds([Int32: LinkState.Speed])

    /// From now on all namespaces are followed. This is vexport's own.
    case allFollowed(own: NamespaceSighting)
    /// An event: a namespace has this number now.
    case namespaceNumbered(NSID)
    /// An event: the namespace with this number is gone, and all its links with it.
    case namespaceGone(NSID)
    /// A dump of vexport's table.
    case namespacesListed([NSID])
    /// A namespace's file was seen.
    case namespaceSighted(NamespaceSighting)
    /// All names and processes have been looked at, and these are all the files there are.
    case namespacesSwept(Set<NamespaceFile>)
    /// None of the files there are belongs to this number.
    case namespaceNotFound(NSID)
    /// Nothing has this name in /run/netns any more.
    case namespaceNameGone(EscapedText)
    /// The kernel does not tell vexport of this one's links.
    case namespaceUnreadable(NSID)
}
