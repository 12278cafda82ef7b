/// An address that a bridge has learned behind a port. Source: RTM_GETNEIGH, AF_BRIDGE.
public struct HeardAddress: Hashable, Sendable {
    /// The port's interface index. Source: ndm_ifindex.
    public let port: Int32
    /// 0 in a bridge that does not filter by VLAN. Source: NDA_VLAN.
    public let vlan: UInt16
    /// Source: NDA_LLADDR.
    public let address: HardwareAddress

    public init(port: Int32, vlan: UInt16, address: HardwareAddress) {
        self.port = port
        self.vlan = vlan
        self.address = address
    }
}

/// An address that is heard behind a port in turns with another one.
struct ContestedAddress: Equatable, Sendable {
    let address: HardwareAddress
    let other: LinkIdentity
    let otherPlace: LinkPlace
    /// How often it was seen to move between the two.
    let moves: Int
}

/// Behind which ports bridges hear the addresses of workloads, look by look, and which addresses go to and fro.
///
/// A bridge has one entry for an address, which follows whoever spoke last. A guest that migrates takes its address along
/// once; two guests with one address pull it to and fro.
struct AddressMoves: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// One address in one broadcast domain.
    private struct Station: Hashable {
        let bridge: LinkPlace
        let vlan: UInt16
        let address: HardwareAddress
    }

    private struct Trace {
        var port: Link
        var former: Link?
        /// Between these two ports.
        var moves = 0
        var movedAt: Instant

        mutating func hear(behind link: Link, at now: Instant) {
            guard port.identity != link.identity else { return }
            let isReturn = former?.identity == link.identity && now < movedAt + AddressMoves.memory
            moves = isReturn ? moves + 1 : 1
            (former, port, movedAt) = (port, link, now)
        }
    }

    /// There, back, and there again.
    private static let enough = 3
    /// After a move the next is waited for closely, for this long.
    private static let attention = Duration.seconds(30)
    /// A move that is longer ago counts no more.
    private static let memory = Duration.seconds(300)

    private var traces: [Station: Trace] = [:]

    /// Whether an address has moved lately and its next move would settle what that means.
    func isRestless(at now: Instant) -> Bool {
        traces.values.contains { $0.moves > 0 && $0.moves < Self.enough && now < $0.movedAt + Self.attention }
    }

    /// Takes in what bridges hear.
    ///
    /// - Parameter port: the workload's port that has an index; nil for one that leads elsewhere.
    mutating func take(_ heard: [LinkPlace: [HeardAddress]], at now: Instant, port: (Int32) -> Link?) {
        var next = traces.filter { $0.value.moves > 0 && now < $0.value.movedAt + Self.memory }
        for (bridge, entries) in heard {
            for entry in entries {
                guard let link = port(entry.port), !Self.movesByDesign(entry.address) else { continue }
                let station = Station(bridge: bridge, vlan: entry.vlan, address: entry.address)
                var trace = next[station] ?? traces[station] ?? Trace(port: link, movedAt: now)
                trace.hear(behind: link, at: now)
                next[station] = trace
            }
        }
        traces = next
    }

    /// The ports that share an address with another one, as far as that was seen lately.
    func contested(at now: Instant) -> [LinkPlace: ContestedAddress] {
        var contested: [LinkPlace: ContestedAddress] = [:]
        for (station, trace) in traces.sorted(by: { $0.key.address.description < $1.key.address.description }) {
            guard let former = trace.former, trace.moves >= Self.enough, now < trace.movedAt + Self.memory else {
                continue
            }
            for (link, other) in [(trace.port, former), (former, trace.port)] {
                contested[link.place] = ContestedAddress(
                    address: station.address, other: other.identity, otherPlace: other.place, moves: trace.moves)
            }
        }
        return contested
    }

    /// Addresses of virtual routers, VRRP's and CARP's. Source: RFC 9568.
    private static func movesByDesign(_ address: HardwareAddress) -> Bool {
        address.description.hasPrefix("00:00:5e:00:")
    }
}
