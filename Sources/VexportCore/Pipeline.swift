import Dispatch

/// The one place where what collectors learn becomes what everybody sees: changes are applied to the inventory, samples
/// joined with it, and the result published as a frame.
public actor Pipeline {
    public nonisolated let frames = FrameStore()

    private nonisolated let queue = QueueExecutor()
    private var exposure: Exposure
    private var budget: SeriesBudget
    private var inventory = Inventory()
    private var records: [LinkRecord?] = []
    /// How many series each slot would have; nil for one that the selection leaves out.
    private var seriesCounts: [Int?] = []
    private var links: FrameLinks
    private var eventCounts = [UInt64](repeating: 0, count: LinkEvent.Kind.labels.count)
    private var inferredEvents: UInt64 = 0
    private var places = CounterPlaces()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe queue.asUnownedSerialExecutor() }

    public init(_ exposure: Exposure = Exposure()) {
        self.exposure = exposure
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

    /// Returns when the pipeline has come to it: never, if that hangs.
    public func respond() {}

    /// Takes in changes, in the kernel's order.
    ///
    /// - Returns: the events, and the links to ask the kernel about.
    public func apply(_ changes: [LinkChange], at: Timestamp) -> (events: [LinkEvent], doubtful: [Int32]) {
        var events: [LinkEvent] = []
        for change in changes { events.append(contentsOf: inventory.apply(change, at: at)) }
        for event in events {
            eventCounts[event.kind.ordinal] += 1
            if event.isInferred { inferredEvents += 1 }
        }
        return (events, inventory.takeDoubtful())
    }

    /// Takes in a tick and publishes it.
    ///
    /// - Parameter scheduled: false for a tick that a scrape asked for: it serves the scrape and enters no history.
    public func ingest(_ samples: borrowing TickSamples, scheduled: Bool) {
        refreshLinks()
        let block = samples.block
        places.update(for: block, inventory)
        frames.publish(
            TickFrame(
                moment: samples.moment, duration: samples.duration, links: links,
                counters: FrameCounters(blocks: [block], places: places.places), eventCounts: eventCounts,
                inferredEvents: inferredEvents),
            scheduled: scheduled)
    }

    /// The inventory as it is now, for comparing and showing.
    func snapshot() -> Inventory { inventory }

    /// Renders the records of links that changed since the last tick.
    private func refreshLinks() {
        let changed = inventory.takeChangedSlots()
        guard !changed.isEmpty else { return }
        places.invalidate()
        if records.count < inventory.slotCount {
            records.append(contentsOf: repeatElement(nil, count: inventory.slotCount - records.count))
            seriesCounts.append(contentsOf: repeatElement(nil, count: records.count - seriesCounts.count))
        }
        for slot in changed { (records[slot], seriesCounts[slot]) = (nil, nil) }
        for link in inventory.links.values where changed.contains(link.slot) && !link.nameIsTaken {
            let record = LinkRecord(
                LinkRecord.Context(
                    link: link,
                    masterName: link.state.masterIndex.flatMap { inventory.links[$0]?.state.name },
                    peerName: link.localPeerIndex.flatMap { inventory.links[$0]?.state.name }),
                exposure.table)
            (records[link.slot], seriesCounts[link.slot]) = (record, seriesCount(record))
        }
        exposeLinks()
    }

    /// nil for a link that the selection leaves out.
    private func seriesCount(_ record: LinkRecord) -> Int? {
        exposure.selects(record.link.state) ? record.seriesCount(exposure) : nil
    }

    private func exposeLinks() {
        let isExposed = budget.admit(
            zip(records, seriesCounts).map { record, series in
                guard let record, let series else { return nil }
                return (record.link.identity.birth, series)
            })
        links = FrameLinks(records, exposure, isExposed: isExposed, refusedSeries: budget.refused)
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
