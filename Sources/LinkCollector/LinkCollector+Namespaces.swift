internal import Logging
internal import Netlink
import VexportCore

/// How other namespaces come to be followed.
extension LinkCollector {
    /// Has the events of all namespaces delivered, if vexport may.
    ///
    /// - Returns: vexport's own namespace, numbered like the others, so that no message can mean it by a number that is not
    ///   known; nil when only that one is watched.
    static func beginToFollow(
        _ events: NetlinkSocket, _ reader: NamespaceReader, _ logger: Logger
    ) -> NamespaceSighting? {
        let own = reader.sight(FilePath("/proc/thread-self/ns/net"))
        guard let own, own.nsid != nil else {
            logger.warning("only this network namespace is watched: to follow others CAP_NET_ADMIN is missing")
            return nil
        }
        do throws(NetlinkError) {
            try events.listenToAllNamespaces()
        } catch {
            logger.warning("only this network namespace is watched: to follow others CAP_NET_BROADCAST is missing")
            return nil
        }
        return own
    }

    /// Sets up the search for namespaces, and the reading of counters there.
    func findNamespaces(_ reader: NamespaceReader) throws {
        let found = try NamespaceFinder(
            reader: reader, interval: options.searchInterval,
            report: { [weak self] changes in
                guard let self, !changes.isEmpty else { return }
                order.withLock { _ in self.enqueue(changes) }
            },
            searched: { [weak self] in self?.searchEnded() })
        finder.withLock { $0 = found }
        let readings = try NamespaceSampler(
            pipeline: pipeline, paths: found.paths, device: reader.device, interval: options.namespacesInterval,
            logger: logger)
        sampler.withLock { $0 = readings }
    }

    /// All names and processes have been looked at once.
    func searchEnded() {
        pipeline.performAndWait { _ in }  // so that what was found is dumped first
        state.withLock { $0.schedule.searchEnded() }
        dumpWakeUp.signal()
    }
}
