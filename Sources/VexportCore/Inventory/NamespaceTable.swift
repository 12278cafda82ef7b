/// The namespaces known, found by the number or the file that a message or a look at /proc named.
public struct NamespaceTable: Sendable {
    private var namespaces: [NamespaceID: NetworkNamespace] = [.own: NetworkNamespace(id: .own)]
    private var idsByNumber: [NSID: NamespaceID] = [:]
    private var idsByFile: [NamespaceFile: NamespaceID] = [:]
    private var idsByName: [EscapedText: NamespaceID] = [:]
    private var labels: Set<EscapedText> = []
    /// What those were called that ended with the change that was taken in last: events are about them still.
    private var endedLabels: [NamespaceID: EscapedText] = [:]
    private var births = 1

    public init() {}

    public subscript(id: NamespaceID) -> NetworkNamespace? { namespaces[id] }

    /// How it is called in events, or was until the change that is being taken in; nil for vexport's own.
    func label(of id: NamespaceID) -> EscapedText? { namespaces[id].flatMap(Self.label) ?? endedLabels[id] }

    private static func label(of namespace: NetworkNamespace) -> EscapedText? {
        namespace.label ?? namespace.nsid.flatMap { namespace.id == .own ? nil : label(of: $0) }
    }

    private static func label(of nsid: NSID) -> EscapedText { "nsid:[\(nsid)]" }

    /// Another change is to be taken in.
    mutating func forgetEnded() {
        if !endedLabels.isEmpty { endedLabels = [:] }
    }

    public var all: some Collection<NetworkNamespace> { namespaces.values }

    /// The one with this number; nil when there is none.
    func id(of nsid: NSID?) -> NamespaceID? {
        guard let nsid else { return .own }
        return idsByNumber[nsid]
    }

    /// The one that this file stands for; nil when there is none.
    func id(of file: NamespaceFile) -> NamespaceID? { idsByFile[file.place] }

    /// Takes in one of which only its number is known.
    mutating func create(_ nsid: NSID) -> NamespaceID {
        let id = create()
        namespaces[id]!.nsid = nsid
        idsByNumber[nsid] = id
        return id
    }

    /// Takes in a file that was seen.
    ///
    /// - Parameter isOwn: it is that of vexport's own namespace.
    /// - Returns: whose it is, and those that are gone, since another has their file or number now.
    mutating func sight(_ sighting: NamespaceSighting, isOwn: Bool = false) -> (id: NamespaceID, ended: [NamespaceID]) {
        var ended: [NamespaceID] = []
        let holders = [idsByFile[sighting.file.place], sighting.nsid.flatMap { idsByNumber[$0] }]
        for id in Set(holders.compactMap(\.self)) where id != .own && !namespaces[id]!.isSame(as: sighting) {
            remove(id)
            ended.append(id)
        }
        let (byFile, byNumber) = (idsByFile[sighting.file.place], sighting.nsid.flatMap { idsByNumber[$0] })
        if let byFile, let byNumber, byFile != byNumber, byFile != .own {
            // Seen as a file before it had a number, and told of by that before the file was seen again: one namespace.
            remove(byFile)
            ended.append(byFile)
        }
        let id = isOwn ? .own : byNumber ?? byFile ?? create()
        namespaces[id]!.file = sighting.file
        idsByFile[sighting.file.place] = id
        if let nsid = sighting.nsid {
            namespaces[id]!.nsid = nsid
            idsByNumber[nsid] = id
        }
        if let name = sighting.name {
            if let former = idsByName.updateValue(id, forKey: name), former != id {
                namespaces[former]?.names.remove(name)
            }
            namespaces[id]!.names.insert(name)
        }
        if id != .own, namespaces[id]!.label == nil {
            settleLabel(of: id, [sighting.name, "net:[\(sighting.file.inode)]"].compactMap(\.self))
        }
        return (id, ended)
    }

    /// No file could be found of this one: its number has to do as its name.
    mutating func settleLabelByNumber(_ nsid: NSID) -> NamespaceID? {
        guard let id = idsByNumber[nsid], id != .own, namespaces[id]!.label == nil else { return nil }
        settleLabel(of: id, [Self.label(of: nsid)])
        return id
    }

    mutating func markUnreadable(_ id: NamespaceID) {
        namespaces[id]?.isReadable = false
    }

    mutating func forget(name: EscapedText) {
        if let id = idsByName.removeValue(forKey: name) { namespaces[id]?.names.remove(name) }
    }

    /// The namespace has ended.
    mutating func remove(_ id: NamespaceID) {
        guard id != .own, let namespace = namespaces.removeValue(forKey: id) else { return }
        if let nsid = namespace.nsid, idsByNumber[nsid] == id { idsByNumber[nsid] = nil }
        if let file = namespace.file?.place, idsByFile[file] == id { idsByFile[file] = nil }
        for name in namespace.names where idsByName[name] == id { idsByName[name] = nil }
        if let label = namespace.label { labels.remove(label) }
        endedLabels[id] = Self.label(of: namespace)
    }

    private mutating func create() -> NamespaceID {
        let id = NamespaceID(number: births)
        births += 1
        namespaces[id] = NetworkNamespace(id: id)
        return id
    }

    /// Takes the first of the candidates that nobody has: a name may outlive its namespace, or be spelt like an inode.
    private mutating func settleLabel(of id: NamespaceID, _ candidates: [EscapedText]) {
        let label = candidates.first { !labels.contains($0) } ?? "\(candidates.last!.description)/\(id.number)"
        labels.insert(label)
        namespaces[id]!.label = label
    }
}
