public import VexportCore

extension Inventory {
    /// The links of vexport's own namespace, by interface index.
    public var links: [Int32: Link] { linksByIndex(in: .own) }

    /// The links of a namespace, by interface index.
    public func linksByIndex(in namespace: NamespaceID) -> [Int32: Link] {
        Dictionary(uniqueKeysWithValues: links(in: namespace).map { ($0.place.index, $0) })
    }
}
