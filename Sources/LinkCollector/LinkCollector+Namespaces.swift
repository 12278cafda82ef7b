internal import Logging
internal import Netlink
import VexportCore

/// How other namespaces come to be followed.
extension LinkCollector {
    /// What vexport may do in other namespaces.
    struct NamespaceAccess {
        /// vexport's own, numbered like the others, so that no message can mean it by a number that is not known; nil when
        /// only that one is watched.
        var own: NamespaceSighting?
        /// Without, the others are dumped over and over.
        var hearsEvents = false
        var features: [Feature] = []
    }

    /// Has the events of all namespaces delivered, as far as vexport may.
    static func beginToFollow(
        _ events: NetlinkSocket, _ reader: NamespaceReader, _ options: Options
    ) -> NamespaceAccess {
        var access = NamespaceAccess()
        let following = following(reader) { access.own = $0 }
        access.features.append(following)
        guard access.own != nil else { return access }
        let hearing = hearing(events)
        if case .works = hearing.state { access.hearsEvents = true }
        access.features += [hearing, reading(reader)]
        // Whoever looks in vexport's place says what is hidden from it.
        if options.processes == nil { access.features.append(finding()) }
        return access
    }

    /// Sets up the search for namespaces, and the reading of counters there.
    ///
    /// - Returns: where they will be found.
    func findNamespaces(_ reader: NamespaceReader) throws -> NamespaceRoutes {
        let found = try NamespaceFinder(
            reader: reader, processes: options.processes, interval: options.searchInterval,
            report: { [weak self] changes in
                guard let self, !changes.isEmpty else { return }
                order.withLock { _ in self.enqueue(changes) }
            },
            searched: { [weak self] in self?.searchEnded() })
        finder.withLock { $0 = found }
        let readings = try NamespaceSampler(
            pipeline: pipeline, routes: found.routes, device: reader.device, interval: options.namespacesInterval,
            logger: logger)
        sampler.withLock { $0 = readings }
        return found.routes
    }

    /// All names and processes have been looked at once.
    func searchEnded() {
        pipeline.performAndWait { _ in }  // so that what was found is dumped first
        state.withLock { $0.schedule.searchEnded() }
        dumpWakeUp.signal()
    }
}
