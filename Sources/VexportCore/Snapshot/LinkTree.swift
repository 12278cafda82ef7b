/// A snapshot's links in the order in which people look for them: bridges with their ports, veth pairs, taps, the rest.
///
/// A far end that is nobody's port stands under its near end, whichever namespace it is in. What is left of each other
/// namespace comes after vexport's own. A snapshot may come from anywhere, so masters may form circles and indexes may come
/// twice: every link is listed once all the same, but for the loopbacks of other namespaces, which tell nothing.
struct LinkTree {
    /// A line of the tree.
    struct Row: Equatable {
        enum Relation { case top, port, farEnd }

        /// The place in the snapshot's links.
        let link: Int
        let relation: Relation
        /// For each level above, and for this one last: whether more follows below on that level.
        let continues: [Bool]
    }

    /// Lines that belong together.
    struct Group: Equatable {
        /// The label of their namespace; nil for vexport's own.
        var namespace: EscapedText?
        var rows: [Row]
    }

    /// Bridges and other masters; veths; taps and tuns; the rest; then a group for each other namespace. Empty ones are
    /// left out.
    private(set) var groups: [Group] = []

    private struct Place: Hashable {
        let namespace: EscapedText?
        let index: Int32
    }

    private let links: [Snapshot.Link]
    private let places: [Place: Int]
    private var children: [Int: [Int]] = [:]
    private var isPlaced: [Bool]

    /// The kernel's limit on links that stand on one another, MAX_NEST_DEV.
    private static let deepest = 8

    init(_ links: [Snapshot.Link]) {
        self.links = links
        places = Dictionary(
            links.enumerated().map { (Place(namespace: $0.element.namespace, index: $0.element.index), $0.offset) },
            uniquingKeysWith: { first, _ in first })
        isPlaced = [Bool](repeating: false, count: links.count)
        let sorted = Self.sorted(links)
        for place in sorted {
            if let master = master(of: place) { children[master, default: []].append(place) }
        }
        let own = sorted.filter { links[$0].namespace == nil }
        let tops = own.filter { master(of: $0) == nil }
        addGroup(nil, tops.filter { children[$0] != nil || links[$0].kind == "bridge" })
        // One whose far end is a port comes before it by name, but belongs under it.
        addGroup(nil, tops.filter { links[$0].kind == "veth" && peer(of: $0).flatMap { master(of: $0) } == nil })
        addGroup(nil, tops.filter { ["tap", "tun"].contains(links[$0].kind) })
        addGroup(nil, own)
        let others = Dictionary(
            grouping: sorted.filter { links[$0].namespace != nil && links[$0].kind != "loopback" },
            by: { links[$0].namespace! })
        for (namespace, places) in others.sorted(by: { NaturalKey($0.key.description) < NaturalKey($1.key.description) }
        ) {
            addGroup(namespace, places.filter { master(of: $0) == nil } + places)
        }
    }

    /// A link's veth peer in the snapshot, if both say so.
    func peer(of place: Int) -> Int? {
        guard links[place].kind == "veth", let peer = links[place].peer, let other = find(peer, from: place),
            other != place, let back = links[other].peer, find(back, from: other) == place
        else { return nil }
        return other
    }

    private func find(_ reference: Snapshot.Link.Reference, from place: Int) -> Int? {
        guard reference.namespaceID == nil else { return nil }
        let namespace = reference.namespace.map { $0 == "" ? nil : $0 } ?? links[place].namespace
        return places[Place(namespace: namespace, index: reference.index)]
    }

    func ports(of place: Int) -> [Int] { children[place] ?? [] }

    func master(of place: Int) -> Int? {
        guard let master = links[place].master, let other = find(master, from: place), other != place else {
            return nil
        }
        return other
    }

    private mutating func addGroup(_ namespace: EscapedText?, _ tops: [Int]) {
        var rows: [Row] = []
        for top in tops { add(top, .top, above: [], continues: false, to: &rows) }
        if !rows.isEmpty { groups.append(Group(namespace: namespace, rows: rows)) }
    }

    private mutating func add(
        _ place: Int, _ relation: Row.Relation, above: [Bool], continues: Bool, to rows: inout [Row]
    ) {
        guard !isPlaced[place], above.count <= Self.deepest else { return }
        isPlaced[place] = true
        let levels = relation == .top ? [] : above + [continues]
        rows.append(Row(link: place, relation: relation, continues: levels))
        var below = ports(of: place).filter { !isPlaced[$0] }.map { (place: $0, relation: Row.Relation.port) }
        if let peer = peer(of: place), !isPlaced[peer], master(of: peer) == nil { below.append((peer, .farEnd)) }
        for (number, child) in below.enumerated() {
            add(child.place, child.relation, above: levels, continues: number + 1 < below.count, to: &rows)
        }
    }

    /// By name, numbers in names by their value: vnet2 comes before vnet10.
    private static func sorted(_ links: [Snapshot.Link]) -> [Int] {
        let keys = links.map { NaturalKey($0.name.description) }
        return links.indices.sorted { (keys[$0], links[$0].index, $0) < (keys[$1], links[$1].index, $1) }
    }
}

/// Text to sort by: its numbers compare by their value.
struct NaturalKey: Comparable {
    private let parts: [Part]

    private enum Part: Comparable {
        /// Without leading zeros, so that the longer one is the greater one.
        case number(digits: Int, Substring.UTF8View.SubSequence)
        case text(Substring.UTF8View.SubSequence)

        static func < (left: Part, right: Part) -> Bool {
            switch (left, right) {
            case (.number(let length, let digits), .number(let otherLength, let otherDigits)):
                length != otherLength ? length < otherLength : digits.lexicographicallyPrecedes(otherDigits)
            case (.text(let text), .text(let other)): text.lexicographicallyPrecedes(other)
            case (.number, .text): true
            case (.text, .number): false
            }
        }

        static func == (left: Part, right: Part) -> Bool { !(left < right) && !(right < left) }
    }

    init(_ text: String) {
        var rest = text[...].utf8
        var parts: [Part] = []
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        while let first = rest.first {
            let part = rest.prefix { isDigit($0) == isDigit(first) }
            rest = rest.dropFirst(part.count)
            let digits = part.drop { $0 == UInt8(ascii: "0") }
            parts.append(isDigit(first) ? .number(digits: digits.count, digits) : .text(part))
        }
        self.parts = parts
    }

    static func < (left: NaturalKey, right: NaturalKey) -> Bool { left.parts.lexicographicallyPrecedes(right.parts) }
}
