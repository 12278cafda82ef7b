/// What of the inventory is shown, and how.
extension Inventory {
    /// Whether a link is sampled and has series of its own: all of vexport's own namespace, and what no link there tells of.
    ///
    /// - Parameter farEnds: the far ends of veths, in other namespaces, too.
    func isSampled(_ link: Link, farEnds: Bool) -> Bool {
        let namespace = link.place.namespace
        if namespace == .own { return true }
        guard link.state.kind != .loopback else { return false }
        guard link.state.kind == .veth, !farEnds else { return true }
        // One end tells of both: the one in vexport's own namespace or, where there is none, in the one known for longer.
        guard let peer = link.peer else { return false }
        return peer.namespace >= namespace || namespaces[peer.namespace]?.isReadable != true
    }

    /// A veth's other end by its name and its namespace's label, which is nil for vexport's own.
    func peerInWords(of link: Link) -> (name: EscapedText, namespace: EscapedText?)? {
        guard let place = link.peer, let peer = self[place] else { return nil }
        let label = namespaces[place.namespace]?.label
        return label == nil && place.namespace != .own ? nil : (peer.state.name, label)
    }

    /// The namespaces, in the order in which they were heard of.
    var namespaceSummaries: [NamespaceSummary] {
        namespaces.all.sorted { $0.id < $1.id }.map {
            NamespaceSummary(
                id: $0.id, label: $0.label, nsid: $0.nsid, inode: $0.file?.inode, isReadable: $0.isReadable,
                links: links(in: $0.id).count)
        }
    }
}
