import Glibc
internal import Logging
internal import Netlink
import Synchronization
import VexportCore

/// Reads now and then what bridges know and count beside what events and ticks tell, on a thread of its own. The kernel tells
/// it only inside a namespace, so other ones take a visit each.
final class BridgeReader: Sendable {
    /// How rounds went.
    struct Statistics: Sendable {
        var dumps: UInt64 = 0
        /// Given up for too many entries.
        var cutDumps: UInt64 = 0
        var failures: UInt64 = 0
        var lastAt: Timestamp?
        var lastFailed = false
    }

    /// How other namespaces are found.
    struct Visits {
        let routes: NamespaceRoutes
        let device: UInt64
    }

    /// Forwarding entries of a namespace that are counted in a round. Guests can make bridges learn any number, and the
    /// kernel holds RTNL while it goes through them.
    static let mostEntries = 100_000

    private let pipeline: Pipeline
    private let visits: Visits?
    private let logger: Logger
    /// In vexport's own namespace.
    private let socket: NetlinkSocket
    private let state = Mutex(Statistics())
    /// Said once.
    private let isRefused = Mutex(false)
    let rounds: PacedRounds

    /// - Parameter visits: nil when only vexport's own namespace is watched.
    /// - Throws: `NetlinkError` or `SystemCallError` when the kernel gives no descriptors.
    init(pipeline: Pipeline, visits: Visits?, interval: Duration, logger: Logger) throws {
        self.pipeline = pipeline
        self.visits = visits
        self.logger = logger
        socket = try NetlinkSocket()
        rounds = try PacedRounds(interval: interval)
    }

    var statistics: Statistics { state.withLock { $0 } }

    /// The thread. Ends early when it can't come back from another namespace, which it would keep alive.
    func run() {
        var home = socket
        rounds.run { readAll(&home) }
    }

    /// One round. False when the thread is lost.
    private func readAll(_ home: inout NetlinkSocket) -> Bool {
        var namespaces: [NetworkNamespace] = []
        pipeline.performAndWait { namespaces = $0.namespacesWithBridges() }
        let moment = Moment.now
        var readings: [LinkPlace: BridgeReading] = [:]
        var visit = visits.flatMap { NamespaceVisit(device: $0.device) }
        state.withLock { $0.lastFailed = false }
        // vexport's own comes first, before the thread goes anywhere.
        for namespace in namespaces where namespace.id == .own || enter(namespace, &visit) {
            do throws(NetlinkError) {
                // One that is opened in another namespace keeps it alive, and is closed before the next.
                let there = namespace.id == .own ? home : try NetlinkSocket()
                let (found, isWhole) = try read(there)
                for (index, reading) in found { readings[LinkPlace(namespace.id, index)] = reading }
                if !isWhole, namespace.id == .own { home = try NetlinkSocket() }
            } catch { fail("\(error)") }
        }
        if let errno = visit?.end() {
            fail("can't return to vexport's own namespace (errno \(errno)): no more are read")
            return false
        }
        state.withLock { $0.lastAt = $0.lastFailed ? $0.lastAt : moment.timestamp }
        pipeline.performAndWait { $0.ingestBridges(readings, at: moment) }
        return true
    }

    /// Goes to another namespace; false when that may not be, or it is not there any more.
    private func enter(_ namespace: NetworkNamespace, _ visit: inout NamespaceVisit?) -> Bool {
        guard !isRefused.withLock({ $0 }), let file = namespace.file, let route = visits?.routes[file],
            let entry = visit?.enter(file, by: route)
        else { return false }
        guard case .refused = entry else { return entry == .entered }
        isRefused.withLock { $0 = true }
        logger.notice("bridges in other namespaces are not read", metadata: ["needs": "CAP_SYS_ADMIN for visits"])
        return false
    }

    /// Reads those of the socket's namespace.
    ///
    /// - Returns: by index; and whether the socket can be used again.
    private func read(_ socket: NetlinkSocket) throws(NetlinkError) -> ([Int32: BridgeReading], isWhole: Bool) {
        var readings: [Int32: BridgeReading] = [:]
        _ = try socket.dumpBridgeStats { statistics in
            readings[statistics.index, default: BridgeReading()].add(statistics)
        }
        var entries: [Int32: ForwardingEntries] = [:]
        let dump = try socket.dumpForwarding(limit: Self.mostEntries) { entry in
            guard let bridge = entry.bridge, bridge != entry.index, !entry.isLocal else { return }
            entries[entry.index, default: ForwardingEntries()].add(entry.address, isStatic: entry.isStatic)
        }
        state.withLock {
            $0.dumps += 2
            if dump == .cut { $0.cutDumps += 1 }
        }
        // A port without entries is not in the dump of these, but in that of statistics.
        for index in Set(readings.keys).union(entries.keys) {
            readings[index, default: BridgeReading()].forwarding = entries[index] ?? ForwardingEntries()
        }
        return (readings, dump != .cut)
    }

    private func fail(_ text: String) {
        state.withLock {
            $0.failures += 1
            $0.lastFailed = true
        }
        logger.warning("bridges: \(text)")
    }
}

extension BridgeReading {
    mutating func add(_ statistics: BridgeStatsMessage) {
        spanningTree = SpanningTreeCounters(statistics.spanningTree) ?? spanningTree
        multicast = MulticastCounters(statistics.multicast) ?? multicast
        for vlan in statistics.vlans {
            vlans[vlan.id] = VLANCounters(
                receivedBytes: vlan.receivedBytes, receivedPackets: vlan.receivedPackets, sentBytes: vlan.sentBytes,
                sentPackets: vlan.sentPackets)
        }
    }
}
