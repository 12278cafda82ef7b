/// What all links of a step are judged by. An object, so that a link's judgement need not copy it.
final class Surroundings {
    let inventory: Inventory
    let facts: Facts
    let index: DiagnosisIndex
    private var narrowestWays: [LinkPlace: UInt32] = [:]

    init(inventory: Inventory, facts: Facts, index: DiagnosisIndex) {
        self.inventory = inventory
        self.facts = facts
        self.index = index
    }

    var pathMap: PathWalk.Map {
        let (inventory, index) = (inventory, index.paths)
        return PathWalk.Map(inventory: inventory) { bridge in
            index.ways(from: bridge).sorted().compactMap { inventory.link(slot: $0) }
        }
    }

    /// The smallest MTU on the way on from a bridge. Looked for once: thousands of workloads may be behind it.
    func narrowestWay(from bridge: Link) -> UInt32 {
        if let known = narrowestWays[bridge.place] { return known }
        let mtu = PathWalk(from: bridge, in: pathMap).narrowestMTU ?? .max
        narrowestWays[bridge.place] = mtu
        return mtu
    }
}

/// A link as classes look at it: with its surroundings, and what else is known.
struct Subject {
    let link: Link
    /// A veth's other end, where it is known.
    let peer: Link?
    let surroundings: Surroundings
    let flaps: LinkFlaps?
    /// Classes before this one that hold for the link.
    var standing: [FindingKind: Diagnosed] = [:]

    init(_ link: Link, _ surroundings: Surroundings, _ flaps: LinkFlaps?) {
        self.link = link
        peer = surroundings.index.peer(of: link, in: surroundings.inventory)
        self.surroundings = surroundings
        self.flaps = flaps
    }

    var inventory: Inventory { surroundings.inventory }
    var facts: Facts { surroundings.facts }
    var index: DiagnosisIndex { surroundings.index }
    var state: LinkState { link.state }
    var isAdminUp: Bool { link.state.flags.contains(.up) }
    var master: Link? { link.state.masterIndex.flatMap { inventory[LinkPlace(link.place.namespace, $0)] } }
    var sheet: LinkFactSheet { facts.links[link.place] ?? LinkFactSheet() }

    /// What was looked at of another link.
    func sheet(of other: Link) -> LinkFactSheet { facts.links[other.place] ?? LinkFactSheet() }

    /// The use of the namespace that a veth leads to.
    var farNamespace: NamespaceUse? { link.peer.flatMap { facts.namespaces[$0.namespace] } }

    /// Whether the kernel, asked for the link and its peer, said what the inventory says.
    var isSeenAgain: Bool {
        guard sheet.seen == LinkSighting(link.state) else { return false }
        return peer.map { sheet.peerSeen == LinkSighting($0.state) } ?? true
    }

    /// `eth0 in namespace blue`.
    func inWords(_ other: Link) -> String {
        other.place.namespace == link.place.namespace
            ? "\(other.state.name)" : "\(other.state.name) in \(inWords(other.place.namespace))"
    }

    func inWords(_ namespace: NamespaceID) -> String {
        if namespace == .own { return "vexport's own namespace" }
        return "namespace \(inventory.namespaces[namespace]?.label?.description ?? "without a name")"
    }

    /// `ip link set eth0 up` as it is typed for a link of any namespace; nil where no command reaches the namespace or a
    /// shell might read the name in another way.
    ///
    /// - Parameter program: one that takes a namespace as `ip` does.
    func ip(_ words: String, on other: Link, program: String = "ip") -> String? {
        let name = other.state.name.description
        guard ShellText.isPlain(name) else { return nil }
        let command = words.split(separator: " ").map { $0 == "DEVICE" ? name : String($0) }.joined(separator: " ")
        if other.place.namespace == .own { return "\(program) \(command)" }
        let names = inventory.namespaces[other.place.namespace]?.names.map(\.description).sorted() ?? []
        guard let namespace = names.first(where: ShellText.isPlain) else { return nil }
        return "\(program) -n \(namespace) \(command)"
    }
}

/// What may stand in a command that people copy.
enum ShellText {
    /// Whether the text means itself to a shell, and is no option: letters, digits and `._-@:+`, not with `-` in front.
    static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "+"):
                true
            default: false
            }
        }
    }
}
