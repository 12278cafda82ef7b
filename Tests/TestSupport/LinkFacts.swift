import Foundation
import VexportCore

/// What both vexport and `ip -j -d link` say of a link, in one form, so that the two can be compared.
///
/// Values that change by themselves (FDB entries, timers) are left out.
public struct LinkFacts: Equatable, CustomStringConvertible {
    public private(set) var facts: [String: String] = [:]

    public var description: String {
        facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    /// What is not the same in both.
    public func differences(from other: LinkFacts) -> [String] {
        Set(facts.keys).union(other.facts.keys).sorted().filter { facts[$0] != other.facts[$0] }
            .map { "\($0): \(facts[$0] ?? "absent"), ip says \(other.facts[$0] ?? "absent")" }
    }

    private mutating func set(_ key: String, _ value: (some CustomStringConvertible)?) {
        facts[key] = value?.description
    }

    // MARK: - vexport

    /// - Parameter name: the name of a link by its index.
    public init(_ link: Link, name: (Int32) -> EscapedText?) {
        self.init(index: link.place.index, link.state, name: name)
    }

    public init(index: Int32, _ state: LinkState, name: (Int32) -> EscapedText?) {
        set("ifindex", index)
        set("ifname", state.name)
        set("up", state.flags.contains(.up))
        set("lower_up", state.flags.rawValue & 0x10000 != 0)
        set("mtu", state.mtu)
        set("min_mtu", state.minimumMTU)
        set("max_mtu", state.maximumMTU)
        let states = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"]
        set("operstate", state.operstate.map { states[Int($0)] })
        set("txqlen", state.transmitQueueLength)
        set("num_tx_queues", state.transmitQueues)
        set("num_rx_queues", state.receiveQueues)
        set("gso_max_size", state.gsoMaximumSize)
        set("promiscuity", state.promiscuity)
        set("allmulti", state.allMulticast)
        // ip leaves the addresses of a device without any (tun) out.
        set("address", state.address.flatMap { $0.description.isEmpty ? nil : $0 })
        set("broadcast", state.broadcast.flatMap { $0.description.isEmpty ? nil : $0 })
        set("ifalias", state.alias)
        set(
            "altnames",
            state.alternativeNames.isEmpty ? nil : state.alternativeNames.map(\.description).joined(separator: ","))
        set("master", state.masterIndex.flatMap(name))
        if let lower = state.lowerLink {
            if lower.namespaceID == nil, let name = name(lower.index) {
                set("link", name)
            } else {
                set("link_index", lower.index)
            }
            set("link_netnsid", lower.namespaceID)
        }
        switch state.kind {
        case .loopback, .physical: break
        case .tap, .tun: set("kind", "tun")
        default: set("kind", state.kind.name)
        }
        if let tun = state.tun {
            set("type", state.kind.name)
            set("persist", tun.persistent)
            set("multi_queue", tun.multiQueue)
            set("numqueues", tun.queues)
            set("numdisabled", tun.disabledQueues)
            set("vnet_hdr", tun.virtioNetHeader)
            set("pi", tun.packetInformation)
        }
        if let bridge = state.bridge {
            func ticks(_ duration: Duration?) -> Int? { duration.map { Int(($0.seconds * 100).rounded()) } }
            set("forward_delay", ticks(bridge.forwardDelay))
            set("hello_time", ticks(bridge.helloTime))
            set("max_age", ticks(bridge.maximumAge))
            set("ageing_time", ticks(bridge.ageingTime))
            set("stp_state", bridge.stp)
            set("bridge_priority", bridge.priority)
            set("vlan_filtering", bridge.vlanFiltering.map { $0 ? 1 : 0 })
            set("root_port", bridge.rootPort)
            set("root_path_cost", bridge.rootPathCost)
            set("mcast_snooping", bridge.multicastSnooping.map { $0 ? 1 : 0 })
            set("bridge_id", bridge.bridgeID)
            set("root_id", bridge.rootID)
        }
        if let port = state.bridgePort {
            let states = ["disabled", "listening", "learning", "forwarding", "blocking"]
            set("port_state", port.state.map { states[Int($0)] })
            set("port_priority", port.priority)
            set("port_cost", port.cost)
            set("port_hairpin", port.hairpin)
            set("port_guard", port.guarded)
            set("port_learning", port.learning)
            set("port_flood", port.unicastFlood)
            set("port_isolated", port.isolated)
            set("port_number", port.number)
            set("port_designated_cost", port.designatedCost)
        }
    }

    /// A link of any namespace. Its peer in another one goes by that one's name.
    public init(_ link: Link, in inventory: Inventory) {
        self.init(link) { inventory[LinkPlace(link.place.namespace, $0)]?.state.name }
        guard let peer = link.peer, peer.namespace != link.place.namespace else { return }
        setPeer(
            peer.index, in: inventory.namespaces[peer.namespace]?.names.sorted { "\($0)" < "\($1)" }.first?.description)
    }

    /// Numbers of namespaces count in the table of whoever tells.
    private mutating func setPeer(_ index: Int32, in namespace: String?) {
        facts["link_index"] = nil
        facts["link_netnsid"] = nil
        facts["link"] = nil
        facts["peer"] = "\(index) in \(namespace ?? "an unnamed namespace")"
    }

    // MARK: - ip

    /// - Parameter object: one element of `ip -j -d link`'s array.
    public init(ip object: [String: Any]) {
        func text(_ value: Any?) -> String? {
            switch value {
            case nil: nil
            case let number as NSNumber where CFBooleanIsBoolean(number): number.boolValue ? "true" : "false"
            case let value?: "\(value)"
            }
        }
        for key in [
            "ifindex", "ifname", "mtu", "min_mtu", "max_mtu", "operstate", "txqlen", "num_tx_queues", "num_rx_queues",
            "gso_max_size", "promiscuity", "allmulti", "address", "broadcast", "ifalias", "master", "link",
            "link_index",
            "link_netnsid",
        ] { set(key, text(object[key])) }
        let flags = object["flags"] as? [String] ?? []
        set("up", flags.contains("UP"))
        set("lower_up", flags.contains("LOWER_UP"))
        set("altnames", (object["altnames"] as? [String])?.joined(separator: ","))
        let info = object["linkinfo"] as? [String: Any] ?? [:]
        set("kind", text(info["info_kind"]))
        let data = info["info_data"] as? [String: Any] ?? [:]
        switch facts["kind"] {
        case "tun":
            for key in ["type", "persist", "multi_queue", "numqueues", "numdisabled", "vnet_hdr", "pi"] {
                set(key, text(data[key]))
            }
        case "bridge":
            for key in [
                "forward_delay", "hello_time", "max_age", "ageing_time", "stp_state", "vlan_filtering", "root_port",
                "root_path_cost", "mcast_snooping",
            ] { set(key, text(data[key])) }
            set("bridge_priority", text(data["priority"]))
            set("bridge_id", (data["bridge_id"] as? String).map(Self.padded))
            set("root_id", (data["root_id"] as? String).map(Self.padded))
        default: break
        }
        guard info["info_slave_kind"] as? String == "bridge", let port = info["info_slave_data"] as? [String: Any]
        else {
            return
        }
        for key in [
            "state", "priority", "cost", "hairpin", "guard", "learning", "flood", "isolated", "designated_cost",
        ] {
            set("port_\(key)", text(port[key]))
        }
        set("port_number", (port["no"] as? String).flatMap { Int($0.dropFirst(2), radix: 16) })
    }

    /// - Parameter names: of namespaces, by their numbers in the table that these facts count in.
    fileprivate mutating func namePeer(_ names: [String: String]) {
        guard let number = facts["link_netnsid"], let index = facts["link_index"].flatMap({ Int32($0) }) else { return }
        setPeer(index, in: names[number])
    }

    /// `8000.52:54:0:0:0:30` as `8000.525400000030`.
    private static func padded(_ identifier: String) -> String {
        let parts = identifier.split(separator: ".")
        let bytes = parts[1].split(separator: ":").map { $0.count == 1 ? "0\($0)" : String($0) }
        return "\(parts[0]).\(bytes.joined())"
    }
}

/// JSON's booleans come as numbers of a type of their own.
private func CFBooleanIsBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

/// `ip -j -d link` of a namespace, by index.
public func ipLinks(_ json: String) throws -> [Int32: LinkFacts] {
    let array = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]] ?? []
    return Dictionary(uniqueKeysWithValues: array.map { (Int32($0["ifindex"] as? Int ?? 0), LinkFacts(ip: $0)) })
}

extension Namespace {
    /// What ip says of its links, by index, with the names of the namespaces that peers are in.
    public func linkFacts() throws -> [Int32: LinkFacts] {
        let list =
            try JSONSerialization.jsonObject(with: Data(try ip("-j netns list-id").utf8)) as? [[String: Any]] ?? []
        var names: [String: String] = [:]
        for entry in list {
            if let number = entry["nsid"] as? Int, let name = entry["name"] as? String { names["\(number)"] = name }
        }
        return try ipLinks(try ip("-j -d link")).mapValues { facts in
            var facts = facts
            facts.namePeer(names)
            return facts
        }
    }
}
