import Dispatch

/// The one place where what collectors learn becomes what everybody sees: changes are applied to the inventory, samples
/// joined with it, and the result published as a frame.
public actor Pipeline {
    public nonisolated let frames = FrameStore()
    public nonisolated let findings = FindingStore()
    public nonisolated let journal = EventJournal()

    private nonisolated let queue = QueueExecutor()
    private var exposure: Exposure
    private var budget: SeriesBudget
    private(set) var inventory = Inventory()
    private(set) var owners = OwnerIndex(Owners())
    /// Who is at the far ends of links, as of the last tick: a link that is gone is in no index any more.
    private var workloads: [LinkIdentity: Workload] = [:]
    var diagnosis: Diagnosis
    /// Slots that changed since the diagnosis last looked.
    var unjudgedSlots: Set<Int> = []
    private var records: [LinkRecord?] = []
    /// How many series each slot would have; nil for one that the selection leaves out.
    private var seriesCounts: [Int?] = []
    private var links: FrameLinks
    private var eventCounts = [UInt64](repeating: 0, count: LinkEvent.Kind.labels.count)
    private var inferredEvents: UInt64 = 0
    private var places = CounterPlaces()
    /// The last rounds through other namespaces, oldest first, two at most.
    private var remote: [RemoteCounters] = []
    /// The last look at all bridges and ports.
    private(set) var bridges: BridgeReadings?
    private(set) var observers: [any PipelineObserver] = []
    /// What plugins say of links.
    private(set) var enrichment: [LinkIdentity: [Label]] = [:]
    /// The findings as the diagnosis had them last.
    var judged: [Finding] = []
    private var history: LinkHistory?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe queue.asUnownedSerialExecutor() }

    public init(_ exposure: Exposure = Exposure(), damping: FlapDamping = FlapDamping()) {
        self.init(exposure, diagnosis: Diagnosis(damping: damping))
    }

    init(_ exposure: Exposure = Exposure(), diagnosis: Diagnosis) {
        self.exposure = exposure
        self.diagnosis = diagnosis
        budget = SeriesBudget(limit: exposure.seriesBudget)
        links = FrameLinks([], exposure, isExposed: [])
    }

    /// Exposes other links, or more or less of them, from the next tick on. The budget is given out anew.
    public func setExposure(_ exposure: Exposure) {
        self.exposure = exposure
        budget = SeriesBudget(limit: exposure.seriesBudget)
        for (slot, record) in records.enumerated() { seriesCounts[slot] = record.flatMap(seriesCount) }
        exposeLinks()
    }

    /// Runs `body` in the pipeline later, in the order of the calls: what a task could not promise.
    public nonisolated func enqueue(_ body: @escaping @Sendable (isolated Pipeline) -> Void) {
        queue.queue.async { self.assumeIsolated(body) }
    }

    /// Runs `body` in the pipeline, after all that was enqueued before, and waits for it. For threads that may block.
    public nonisolated func performAndWait(_ body: (isolated Pipeline) -> Void) {
        queue.queue.sync { self.assumeIsolated(body) }
    }

    /// Tells `observer` of events, findings and scheduled ticks from now on.
    public func addObserver(_ observer: any PipelineObserver) { observers.append(observer) }

    /// Where enrichers hand in what they know. It does not keep the pipeline, which may keep the enricher, as an observer.
    public nonisolated var enrichmentTaker: LinkEnrichment.Taker {
        { [weak self] enrichment in self?.enqueue { $0.enrich(enrichment) } }
    }

    /// Takes in what an enricher knows, in the place of what was known of its kind. Only links of which something else is
    /// known are made anew.
    public func enrich(_ enrichment: LinkEnrichment) {
        switch enrichment {
        case .labels(let labels): setLabels(labels)
        case .owners(let owners): setOwners(owners)
        }
    }

    /// Has scheduled ticks remembered from now on.
    public func setHistory(_ history: LinkHistory) { self.history = history }

    /// Returns when the pipeline has come to it: never, if that hangs.
    public func respond() {}

    /// Takes in changes, in the kernel's order.
    ///
    /// - Returns: the events, and what to ask the kernel about.
    public func apply(_ changes: [LinkChange], at: Timestamp) -> (events: [LinkEvent], followUp: FollowUp) {
        var events: [LinkEvent] = []
        for change in changes {
            let news = inventory.apply(change, at: at)
            guard !news.isEmpty else { continue }
            journal.append(news.map { inventory.entry($0, workload: workloads[$0.link]) })
            events.append(contentsOf: news)
        }
        for event in events {
            eventCounts[event.kind.ordinal] += 1
            if event.isInferred { inferredEvents += 1 }
        }
        for observer in observers { observer.observe(events) }
        return (events, inventory.takeFollowUp())
    }

    /// Takes in a tick and publishes it.
    ///
    /// - Parameter scheduled: false for a tick that a scrape asked for: it serves the scrape and enters no history.
    public func ingest(_ samples: borrowing TickSamples, scheduled: Bool) {
        refreshLinks()
        let block = samples.block
        places.update(for: block, remote.last, inventory)
        let rounds = remote.count == 2 ? (earlier: remote[0], later: remote[1]) : nil
        let frame = TickFrame(
            moment: samples.moment, duration: samples.duration, links: links, owners: owners,
            counters: FrameCounters(
                blocks: [block] + (remote.last.map { [$0.block] } ?? []), places: places.places, remote: rounds),
            bridges: bridges, eventCounts: eventCounts, inferredEvents: inferredEvents)
        frames.publish(frame, scheduled: scheduled)
        diagnose(at: samples.moment)
        if scheduled {
            history?.append(frame, inventory)
            for observer in observers { observer.observe(frame) }
        }
    }

    /// Takes in the counters of links in other namespaces, for the ticks to come.
    ///
    /// - Parameter parts: which rows are of which namespace, in order.
    public func ingestRemote(_ samples: borrowing TickSamples, _ parts: [RemotePart]) {
        remote = remote.suffix(1) + [RemoteCounters(block: samples.block, parts: parts)]
        places.invalidate()
    }

    /// The other namespaces whose links have series, as they are now.
    public func namespacesToSample() -> [NetworkNamespace] {
        refreshLinks()
        return links.sampledNamespaces.compactMap { inventory.namespaces[$0] }
    }

    private func setLabels(_ labels: [LinkIdentity: [Label]]) {
        guard labels != enrichment else { return }
        let former = enrichment
        enrichment = labels
        for slot in 0..<inventory.slotCount {
            guard let identity = inventory.link(slot: slot)?.identity, former[identity] != labels[identity] else {
                continue
            }
            inventory.markChanged(slot)
        }
        publishFindings(judged)
    }

    private func setOwners(_ owners: Owners) {
        let (former, new) = (self.owners, OwnerIndex(owners))
        // Sweeps tell of threads too, which come and go.
        if new != former {
            self.owners = new
            diagnosis.hasNews = true
        }
        for slot in new.slots(changedSince: former, in: inventory) where slot < records.count {
            guard let record = records[slot], let link = inventory.link(slot: slot) else { continue }
            if new.workload(of: link, in: inventory) != record.workload { inventory.markChanged(slot) }
        }
    }

    /// The namespaces that have bridges, as they are now.
    public func namespacesWithBridges() -> [NetworkNamespace] {
        guard inventory.linkCounts[.bridge, default: 0] > 0 else { return [] }
        let ids = inventory.linksByNamespace.keys.filter { id in
            inventory.links(in: id).contains { $0.state.kind == .bridge }
        }
        return ids.sorted().compactMap { inventory.namespaces[$0] }
    }

    /// Takes in what was read of bridges and ports, for the ticks to come.
    public func ingestBridges(_ readings: [LinkPlace: BridgeReading], at moment: Moment) {
        refreshLinks()
        let former = bridges?.rows ?? []
        let read = BridgeReadings(readings, at: moment, inventory)
        bridges = read
        var isChanged = false
        for slot in Set((former + read.rows).map(\.slot)) where slot < records.count {
            let count = records[slot].flatMap(seriesCount)
            if count != seriesCounts[slot] { isChanged = true }
            seriesCounts[slot] = count
        }
        if isChanged { exposeLinks() }
    }

    /// The inventory as it is now, for comparing and showing.
    func snapshot() -> Inventory { inventory }

    /// Renders the records of links that changed since the last tick.
    private func refreshLinks() {
        let changed = inventory.takeChangedSlots()
        unjudgedSlots.formUnion(changed)
        guard inventory.takeNamespacesChanged() || !changed.isEmpty else { return }
        places.invalidate()
        if records.count < inventory.slotCount {
            records.append(contentsOf: repeatElement(nil, count: inventory.slotCount - records.count))
            seriesCounts.append(contentsOf: repeatElement(nil, count: records.count - seriesCounts.count))
        }
        for slot in changed {
            if let former = records[slot] { workloads[former.link.identity] = nil }
        }
        for slot in changed {
            let former = records[slot]
            (records[slot], seriesCounts[slot]) = (nil, nil)
            guard let link = inventory.link(slot: slot), let record = record(of: link, after: former) else { continue }
            (records[slot], seriesCounts[slot]) = (record, seriesCount(record))
            if let workload = record.workload { workloads[link.identity] = workload }
        }
        exposeLinks()
    }

    /// - Parameter former: the last record of the link's slot.
    /// - Returns: nil for a link that can't be named yet.
    func record(of link: Link, after former: LinkRecord? = nil) -> LinkRecord? {
        let label = inventory.namespaces[link.place.namespace]?.label
        guard !link.nameIsTaken, label != nil || link.place.namespace == .own else { return nil }
        let master = link.state.masterIndex.flatMap { inventory[LinkPlace(link.place.namespace, $0)] }
        let context = LinkRecord.Context(
            link: link, namespace: label, masterName: master?.state.name, peer: inventory.peerInWords(of: link),
            enrichment: enrichment[link.identity] ?? [],
            workload: owners.workload(of: link, in: inventory),
            formerOwner: former?.link.identity == link.identity ? former?.owner : nil)
        return LinkRecord(context, exposure.table)
    }

    /// nil for a link that has no series of its own, or that the selection leaves out.
    private func seriesCount(_ record: LinkRecord) -> Int? {
        let label = inventory.namespaces[record.link.place.namespace]?.label
        guard inventory.isSampled(record.link, farEnds: exposure.farEnds),
            exposure.selects(record.link.state, in: label)
        else { return nil }
        return record.seriesCount(exposure) + (bridges?.seriesCount(record, exposure.detail) ?? 0)
    }

    private func exposeLinks() {
        let isExposed = budget.admit(
            zip(records, seriesCounts).map { record, series in
                guard let record, let series else { return nil }
                return (record.link.identity.birth, series)
            })
        links = FrameLinks(
            records, exposure, isExposed: isExposed, refusedSeries: budget.refused, counts: inventory.linkCounts,
            namespaces: inventory.namespaceSummaries)
    }
}

/// An executor of the pipeline's own: a serial queue, which threads can also enter without a task.
private final class QueueExecutor: SerialExecutor {
    let queue = DispatchQueue(label: "vexport.pipeline")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
