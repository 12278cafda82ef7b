/// An event as the journal keeps it: in words that stay right when links and namespaces are gone.
public struct JournalEntry: Equatable, Sendable {
    /// Counts up from 1, without gaps, since vexport started.
    public internal(set) var sequence: UInt64 = 0
    public var event: LinkEvent
    /// The label of the namespace it happened in; nil for vexport's own.
    public var namespace: EscapedText?
    /// The other name that the event is about: the former name, the new master, the peer, the namespace it came from.
    public var other: EscapedText?
    /// Who was at the link's far end.
    public var workload: Workload?

    /// One line: `veth0 (netns blue): carrier down, 1 up, 2 down since`.
    public var text: String {
        let place = namespace.map { " (netns \($0))" } ?? ""
        let owner = workload.map { ", of \($0.text)" } ?? ""
        return "\(event.name)\(place): \(words)\(owner)" + (event.isInferred ? " (inferred)" : "")
    }

    private var words: String {
        let other = other?.description
        return switch event.kind {
        case .created: "created"
        case .deleted: "deleted"
        case .movedAway: "moved to another namespace"
        case .moved: "moved here from " + (other.map { "netns \($0)" } ?? "vexport's own namespace")
        case .renamed(let name): "renamed from \(name)"
        case .adminUp: "set up"
        case .adminDown: "set down"
        case .carrierChanged(let isUp, let ups, let downs):
            "carrier \(isUp.map { $0 ? "up" : "down" } ?? "unknown"), went up \(ups) and down \(downs) times"
        case .operstateChanged: "operational state " + (other ?? "unknown")
        case .masterChanged: other.map { "now a port of \($0)" } ?? "no port any more"
        case .peerChanged: other.map { "peer is \($0)" } ?? "peer unknown"
        case .portStateChanged: "port state " + (other ?? "unknown")
        case .mtuChanged: "MTU \(other ?? "unknown")"
        case .addressChanged: "address \(other ?? "none")"
        }
    }
}

extension Inventory {
    /// An event in words.
    func entry(_ event: LinkEvent, workload: Workload? = nil) -> JournalEntry {
        JournalEntry(
            event: event, namespace: namespaces.label(of: event.place.namespace), other: otherName(event),
            workload: workload)
    }

    private func otherName(_ event: LinkEvent) -> EscapedText? {
        // A link that is gone since has nothing to say any more.
        let link = self[event.place].flatMap { $0.identity == event.link ? $0 : nil }
        return switch event.kind {
        case .moved(let origin): namespaces.label(of: origin)
        case .renamed(let name): name
        case .masterChanged:
            link?.state.masterIndex.flatMap { self[LinkPlace(event.place.namespace, $0)]?.state.name }
        case .peerChanged:
            link.flatMap { peerInWords(of: $0) }.map { peer in
                EscapedText(escaped: peer.name.description + (peer.namespace.map { " in netns \($0)" } ?? ""))
            }
        case .operstateChanged:
            link?.state.operstate.flatMap(OperationalState.init).map { EscapedText(escaped: "\($0)") }
        case .portStateChanged: link?.state.bridgePort?.state.map { EscapedText(escaped: Self.portState($0)) }
        case .mtuChanged: link?.state.mtu.map { EscapedText(escaped: "\($0)") }
        case .addressChanged: link?.state.address.map { EscapedText(escaped: $0.description) }
        case .created, .deleted, .movedAway, .adminUp, .adminDown, .carrierChanged: nil
        }
    }

    private static func portState(_ number: UInt8) -> String {
        let names = ["disabled", "listening", "learning", "forwarding", "blocking"]
        return names.indices.contains(Int(number)) ? names[Int(number)] : "\(number)"
    }
}
