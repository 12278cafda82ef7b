import Foundation

@testable import VexportCore

/// Snapshots made from link states, by way of a real pipeline.
enum Snapshots {
    /// A snapshot of these links: every counter holds its link's index, a second after it held half of that.
    static func make(
        _ states: [(Int32, LinkState)], hasRates: Bool = true, still: Set<Int32> = []
    ) -> Snapshot {
        let pipeline = Pipeline(Exposure(detail: .full))
        pipeline.performAndWait { pipeline in
            _ = pipeline.apply([.dumped(states)], at: Page.moment.timestamp)
            for isFirst in [true, false] {
                var samples = TickSamples()
                samples.moment = isFirst ? Page.moment : later(.seconds(1))
                for (index, _) in states {
                    let value = UInt64(isFirst && !still.contains(index) ? index / 2 : index)
                    samples.append(index: index, row: [UInt64](repeating: value, count: 25).span.bytes)
                }
                pipeline.ingest(samples, scheduled: true)
            }
        }
        let (earlier, latest) = pipeline.frames.lastTwo!
        return Snapshot(
            frame: latest, previous: hasRates ? earlier : nil, host: "compute-17", madeBy: "vexport 0.1.0",
            isFromDaemon: hasRates)
    }

    static func later(_ duration: Duration) -> Moment {
        Moment(
            timestamp: Timestamp(
                nanoseconds: Page.moment.timestamp.nanoseconds + Int64(duration.seconds * 1_000_000_000)),
            instant: Page.moment.instant + duration)
    }

    /// A link that is up, or not.
    static func link(
        _ name: EscapedText, _ kind: LinkKind, isUp: Bool = true, carrier: Bool? = true, master: Int32? = nil,
        port: UInt8? = nil, peer: LinkState.LowerLink? = nil
    ) -> LinkState {
        var state = LinkState(name: name, kind: kind)
        state.flags = isUp ? .up : []
        state.carrier.isUp = carrier
        state.mtu = 1500
        state.masterIndex = master
        state.lowerLink = peer
        if let port {
            state.bridgePort = .init()
            state.bridgePort?.state = port
        }
        if kind == .bridge { state.bridge = .init() }
        return state
    }

    /// The same, with traffic but without losses, but for some growing drops of vnet2 and old errors of eth0.
    static func calm(_ states: [(Int32, LinkState)]) -> Snapshot {
        var snapshot = make(states)
        for place in snapshot.links.indices {
            for counter in [LinkCounter.receiveErrors, .receiveDropped, .transmitErrors, .transmitDropped] {
                snapshot.links[place].counters?[counter] = 0
                snapshot.links[place].rates?[counter] = 0
            }
            let carries = snapshot.links[place].carrier != false && snapshot.links[place].isAdminUp
            snapshot.links[place].rates?[.receiveBytes] = carries ? pow(7, Double(place % 12)) : 0
            snapshot.links[place].rates?[.transmitBytes] = carries ? pow(6, Double(place % 13)) : 0
        }
        if let guest = snapshot.links.firstIndex(where: { $0.name == "vnet2" }) {
            snapshot.links[guest].counters?[.transmitDropped] = 48_211
            snapshot.links[guest].rates?[.transmitDropped] = 312.4
        }
        if let uplink = snapshot.links.firstIndex(where: { $0.name == "eth0" }) {
            snapshot.links[uplink].counters?[.receiveErrors] = 17
        }
        return snapshot
    }

    /// What an engineer finds at night: a compute node where a container stopped, a guest died and a port is blocked.
    static var night: [(Int32, LinkState)] {
        var guest = link("vnet2", .tap, master: 3, port: 3)
        guest.alias = "instance-0000002a"
        var macvlan = link("macvtap0", .other("macvtap"), peer: .init(index: 2))
        macvlan.mtu = 9000
        var bond = link("bond0", .other("bond"), master: 3, port: 3)
        bond.alias = "uplink"
        return [
            (1, link("lo", .loopback)), (2, link("eth0", .physical, master: 4)), (3, link("br-lan", .bridge)),
            (4, bond), (5, link("docker0", .bridge, carrier: false)), (6, guest),
            (7, link("vnet10", .tap, carrier: false, master: 3, port: 0)),
            (8, link("vethf3a1c2", .veth, carrier: false, master: 3, port: 0, peer: .init(index: 2, namespaceID: 4))),
            (9, link("veth0d1e2f", .veth, master: 3, port: 4, peer: .init(index: 2, namespaceID: 5))),
            (10, link("qvb1234abcd-ef", .veth, master: 3, port: 3, peer: .init(index: 11))),
            (11, link("qvo1234abcd-ef", .veth, peer: .init(index: 10))),
            (12, link("left", .veth, isUp: false, carrier: false, peer: .init(index: 13))),
            (13, link("right", .veth, carrier: false, peer: .init(index: 12))),
            (14, link("br-old", .bridge, isUp: false, carrier: false)),
            (15, link("vnet3", .tap, master: 14, port: 0)), (16, link("tun0", .tun)), (17, macvlan),
            (18, link("qvoin", .veth, master: 14, port: 0, peer: .init(index: 19))),
            (19, link("qvbin", .veth, master: 3, port: 3, peer: .init(index: 18))),
        ]
    }
}
