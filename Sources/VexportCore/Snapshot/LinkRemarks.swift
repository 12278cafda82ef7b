/// What the table says of a link beside its numbers: its state in a word or two, what is wrong, and what it leads to.
///
/// What is wrong is judged by this one look. It is no diagnosis: that needs time and the far ends.
struct LinkRemarks: Equatable {
    /// `up`, `no carrier`, `down`, `dormant` or `testing`.
    var state: String
    /// Set up, and yet nothing gets through.
    var stateIsWrong = false
    var problems: [String] = []
    var facts: [String] = []

    /// Whether somebody should look at it.
    var isMarked: Bool { stateIsWrong || !problems.isEmpty }

    /// Of a link of which no more is known.
    init(state: String, facts: [String]) {
        self.state = state
        self.facts = facts
    }

    init(_ row: LinkTree.Row, in tree: LinkTree, of links: [Snapshot.Link]) {
        let link = links[row.link]
        let ports = tree.ports(of: row.link)
        state = Self.state(of: link)
        addState(link, hasPorts: !ports.isEmpty)
        addPort(link, bridge: tree.master(of: row.link).map { links[$0] })
        addLosses(link)
        if let workload = link.workload { facts.append(workload.text) }
        if row.relation == .farEnd { facts.append("far end" + Self.place(of: link)) }
        addPeer(link, peer: tree.peer(of: row.link), row, tree, links)
        if let parent = link.parent { facts.append("on \(Self.text(parent))") }
        if !ports.isEmpty { facts.append(ports.count == 1 ? "1 port" : "\(ports.count) ports") }
        if let count = link.bridgePort?.learnedEntries, count > 0 { facts.append("fdb \(count)") }
        if let stp = link.bridge?.stp, stp != "off" { facts.append("stp") }
        if let mtu = link.mtu, mtu != 1500, link.kind != "loopback" { facts.append("mtu \(mtu)") }
        if let alias = link.alias { facts.append("\"\(alias)\"") }
        facts += (link.labels ?? [:]).sorted { $0.key < $1.key }.map { "\(EscapedText($0.key.utf8))=\($0.value)" }
    }

    /// By flags and carrier, since the operational state of a tap or of a veth between namespaces misleads.
    static func state(of link: Snapshot.Link) -> String {
        guard link.isAdminUp else { return "down" }
        guard link.carrier != false else { return "no carrier" }
        return ["dormant", "testing"].first { link.operstate?.description == $0 } ?? "up"
    }

    mutating func addState(_ link: Snapshot.Link, hasPorts: Bool) {
        // A bridge without ports never has a carrier: docker0 before its first container.
        let waits = link.kind == "bridge" && !hasPorts
        stateIsWrong = link.isAdminUp ? state != "up" && !waits : hasPorts
        if !link.isAdminUp, hasPorts { problems.append("down with ports") }
        if link.isProtocolDown == true { problems.append("held down by protodown") }
        guard state == "no carrier" else { return }
        switch link.kind {
        case "veth": problems.append("peer down")
        case "tap", "tun": problems.append("no reader")
        default: break
        }
    }

    mutating func addPort(_ link: Snapshot.Link, bridge: Snapshot.Link?) {
        guard let state = link.bridgePort?.state, state != "forwarding" else { return }
        // A port that is down itself, or whose bridge is, is disabled for that reason.
        if self.state == "up", bridge?.isAdminUp != false {
            problems.append("port \(state)")
        } else if state != "disabled" {
            facts.append("port \(state)")
        }
    }

    /// Drops and errors: wrong while they grow, else worth a word.
    mutating func addLosses(_ link: Snapshot.Link) {
        let losses: [(LinkCounter, String)] = [
            (.receiveErrors, "rx errors"), (.receiveDropped, "rx dropped"), (.transmitErrors, "tx errors"),
            (.transmitDropped, "tx dropped"),
        ]
        for (counter, name) in losses {
            guard let total = link.counters?[counter], total > 0 else { continue }
            if let rate = link.rates?[counter], rate > 0 {
                problems.append("\(name) \(Quantity.short(rate))/s")
            } else {
                facts.append("\(name) \(Quantity.short(Double(total)))")
            }
        }
    }

    private mutating func addPeer(
        _ link: Snapshot.Link, peer: Int?, _ row: LinkTree.Row, _ tree: LinkTree, _ links: [Snapshot.Link]
    ) {
        guard let reference = link.peer else { return }
        if let namespace = reference.namespaceID {
            facts.append("peer in netns id \(namespace)")
        } else if let peer, row.relation == .farEnd || tree.master(of: peer) == nil {
            return  // it is the line above or below
        } else if let peer {
            facts.append("peer \(Self.text(reference))\(Self.place(of: links[peer])) (\(Self.state(of: links[peer])))")
        } else {
            facts.append("peer \(Self.text(reference))")
        }
    }

    /// Where a link is, if that is not vexport's own namespace.
    private static func place(of link: Snapshot.Link) -> String { link.namespace.map { " in netns \($0)" } ?? "" }

    private static func text(_ reference: Snapshot.Link.Reference) -> String {
        if let namespace = reference.namespaceID { return "ifindex \(reference.index) in netns id \(namespace)" }
        return reference.name?.description ?? "ifindex \(reference.index)"
    }
}

/// Numbers as people read them.
enum Quantity {
    /// Three digits at least and a decimal prefix: `0`, `12`, `1.23k`, `45.6M`. `?` for what is no such number.
    static func short(_ value: Double) -> String {
        guard value >= 0, value < 9e20 else { return "?" }
        var (value, prefix) = (value, 0)
        while value >= 999.5 {
            value /= 1000
            prefix += 1
        }
        let places = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        let text = decimal(value, places: prefix == 0 && value == value.rounded() ? 0 : places)
        return text + ["", "k", "M", "G", "T", "P", "E"][prefix]
    }

    /// - Precondition: `value` is positive and below 1e9.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = [1, 10, 100][places]
        let number = Int((value * Double(scale)).rounded())
        guard places > 0 else { return "\(number)" }
        let fraction = String(number % scale)
        return "\(number / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
