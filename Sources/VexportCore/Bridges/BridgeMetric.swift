/// One metric of what is read of bridges and ports: a row of `BridgeMetrics`.
public struct BridgeMetric: Sendable {
    typealias Series = (labels: [Label], value: UInt64)

    public let metric: Metric
    /// Left out under `--links.detail=basic`.
    public let isDetail: Bool
    /// What a reading has of it; empty for what was not read.
    let series: @Sendable (BridgeReading) -> [Series]

    private init(
        _ kind: Metric.Kind, _ name: String, _ help: String, source: String, labels: [String] = [],
        detail: Bool = false, _ series: @escaping @Sendable (BridgeReading) -> [Series]
    ) {
        metric = Metric(kind, name, help, source: source, labels: labels)
        isDetail = detail
        self.series = series
    }

    static func entries(
        _ name: String, _ help: String, _ count: any KeyPath<ForwardingEntries, Int> & Sendable
    ) -> BridgeMetric {
        BridgeMetric(
            .gauge, name, help + " Counting ends at 100,000 entries of a namespace.", source: "RTM_GETNEIGH, AF_BRIDGE"
        ) { reading in
            reading.forwarding.map { [([], UInt64($0[keyPath: count]))] } ?? []
        }
    }

    /// - Parameter place: of the counter in the kernel's struct.
    static func spanningTree(
        _ name: String, _ place: Int, _ help: String, source: String, detail: Bool = false
    ) -> BridgeMetric {
        BridgeMetric(
            .counter, name, help + " Only where the kernel runs the spanning tree.",
            source: "BRIDGE_XSTATS_STP \(source)", detail: detail
        ) { reading in
            reading.spanningTree.map { [([], $0.values[place])] } ?? []
        }
    }

    private static let multicastSource = "BRIDGE_XSTATS_MCAST"
    private static let multicastCondition = " Only where the bridge counts multicast (`mcast_stats_enabled`)."

    static func multicast(
        _ name: String, _ help: String, _ value: @escaping @Sendable (MulticastCounters) -> UInt64
    ) -> BridgeMetric {
        BridgeMetric(.counter, name, help + multicastCondition, source: multicastSource) { reading in
            reading.multicast.map { [([], value($0))] } ?? []
        }
    }

    static func messages(
        _ name: String, _ help: String,
        _ value: @escaping @Sendable (MulticastCounters, MulticastCounters.Message) -> UInt64
    ) -> BridgeMetric {
        BridgeMetric(
            .counter, name, "IGMP and MLD messages " + help + multicastCondition, source: multicastSource,
            labels: ["protocol", "type"], detail: true
        ) { reading in
            guard let counters = reading.multicast else { return [] }
            return [("igmp", MulticastCounters.igmp), ("mld", MulticastCounters.mld)].flatMap { name, messages in
                messages.map { ([Label("protocol", name), Label("type", $0.type)], value(counters, $0)) }
            }
        }
    }

    static func errors(_ name: String, _ help: String) -> BridgeMetric {
        BridgeMetric(
            .counter, name, "Broken IGMP and MLD messages " + help + multicastCondition, source: multicastSource,
            labels: ["protocol"], detail: true
        ) { reading in
            guard let counters = reading.multicast else { return [] }
            return [
                ([Label("protocol", "igmp")], counters.igmpErrors), ([Label("protocol", "mld")], counters.mldErrors),
            ]
        }
    }

    static func vlan(
        _ name: String, _ help: String, _ value: any KeyPath<VLANCounters, UInt64> & Sendable
    ) -> BridgeMetric {
        BridgeMetric(
            .counter, name, help + " Only where the bridge counts by VLAN (`vlan_stats_enabled`).",
            source: "BRIDGE_XSTATS_VLAN", labels: ["vlan"]
        ) { reading in
            reading.vlans.sorted { $0.key < $1.key }.map { ([Label("vlan", "\($0.key)")], $0.value[keyPath: value]) }
        }
    }
}
