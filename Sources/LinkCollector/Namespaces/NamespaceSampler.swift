import Glibc
internal import Logging
internal import Netlink
import Synchronization
import VexportCore

/// Reads the counters of links in other namespaces now and then, on a thread of its own: by a short visit to each where it
/// may, else from afar, which costs more.
final class NamespaceSampler: Sendable {
    /// How rounds went.
    struct Statistics: Sendable {
        var visits: UInt64 = 0
        var dumpsFromAfar: UInt64 = 0
        var failures: UInt64 = 0
        var lastAt: Timestamp?
        /// The errno of setns, once it failed.
        var visitsRefused: Int32?
    }

    private let pipeline: Pipeline
    private let routes: NamespaceRoutes
    private let device: UInt64
    private let logger: Logger
    /// In vexport's own namespace.
    private let socket: NetlinkSocket
    private let state = Mutex(Statistics())
    let rounds: PacedRounds

    /// - Throws: `NetlinkError` or `SystemCallError` when the kernel gives no descriptors.
    init(
        pipeline: Pipeline, routes: NamespaceRoutes, device: UInt64, interval: Duration, logger: Logger
    ) throws {
        self.pipeline = pipeline
        self.routes = routes
        self.device = device
        self.logger = logger
        socket = try NetlinkSocket()
        rounds = try PacedRounds(interval: interval)
    }

    var statistics: Statistics { state.withLock { $0 } }

    /// The thread. Ends early when it can't come back from another namespace, which it would keep alive.
    func run() {
        var samples = TickSamples()
        rounds.run { sample(&samples) }
    }

    /// One round. False when the thread is lost.
    private func sample(_ samples: inout TickSamples) -> Bool {
        var namespaces: [NetworkNamespace] = []
        pipeline.performAndWait { namespaces = $0.namespacesToSample() }
        samples.removeAll()
        samples.moment = .now
        var parts: [RemotePart] = []
        var visit = NamespaceVisit(device: device)
        for namespace in namespaces {
            let start = samples.count
            do throws(NetlinkError) {
                try read(namespace, &visit, into: &samples)
            } catch {
                // One that has died meanwhile is no failure: from afar that is EINVAL.
                if error.errno != EINVAL { fail("\(error)") }
            }
            parts.append(RemotePart(namespace: namespace.id, rows: start..<samples.count))
        }
        if let errno = visit?.end() {
            fail("can't return to vexport's own namespace (errno \(errno)): no more are read")
            return false
        }
        state.withLock { $0.lastAt = samples.moment.timestamp }
        pipeline.performAndWait { $0.ingestRemote(samples, parts) }
        return true
    }

    private func read(
        _ namespace: NetworkNamespace, _ visit: inout NamespaceVisit?, into samples: inout TickSamples
    ) throws(NetlinkError) {
        if mayVisit, let file = namespace.file, let route = routes[file], let entry = visit?.enter(file, by: route) {
            switch entry {
            case .entered:
                state.withLock { $0.visits += 1 }
                // Closed at the end of this, before the thread moves on.
                _ = try NetlinkSocket().dumpStats(started: {}) { samples.append(index: $0.index, row: $0.counters) }
                return
            case .gone: break
            case .refused(let errno):
                state.withLock { $0.visitsRefused = errno }
                logger.notice("other namespaces are read from afar", metadata: ["needs": "CAP_SYS_ADMIN for visits"])
            }
        }
        guard let nsid = namespace.nsid else { return }
        state.withLock { $0.dumpsFromAfar += 1 }
        _ = try socket.dumpStats(in: nsid) { samples.append(index: $0.index, row: $0.counters) }
    }

    private var mayVisit: Bool { state.withLock { $0.visitsRefused == nil } }

    private func fail(_ text: String) {
        state.withLock { $0.failures += 1 }
        logger.warning("counters of another namespace: \(text)")
    }
}
