/// The history's rows of the catalogue.
public enum HistoryMetrics {
    static let seconds = Metric(
        .gauge, "vexport_history_seconds", "How long the ticks held reach back, by tier, in seconds.",
        source: "RingStore", labels: ["tier"])
    static let bytes = Metric(
        .gauge, "vexport_history_bytes", "Memory that the tier takes, files on a tmpfs included, in bytes.",
        source: "RingStore", labels: ["tier"])
    static let samples = Metric(
        .gauge, "vexport_history_samples", "Samples held, of all counters of all links.", source: "RingStore",
        labels: ["tier"])
    static let evictions = Metric(
        .counter, "vexport_history_evictions_total",
        "Blocks dropped since they were past their retention or beyond storage.memory.", source: "RingStore",
        labels: ["tier"])
    static let links = Metric(
        .gauge, "vexport_history_links", "Links held, living and dead ones.", source: "RingStore")
    static let late = Metric(
        .counter, "vexport_history_late_ticks_total", "Ticks left out since they were not after the one before.",
        source: "RingStore")
    static let dropped = Metric(
        .counter, "vexport_history_dropped_ticks_total", "Ticks left out since there was no room for them.",
        source: "RingStore")
    static let unwritten = Metric(
        .gauge, "vexport_history_unwritten_blocks",
        "Blocks in memory that have no file: they wait for the disk, or there is no directory for them.",
        source: "RingStore")

    /// All of them.
    public static let all = [seconds, bytes, samples, evictions, links, late, dropped, unwritten]
}

extension LinkHistory: MetricSource {
    public func collect(into sink: inout SampleSink) {
        let statistics = statistics
        let tiers = zip(tierNames.map { [Label("tier", $0)] }, statistics.tiers)
        for (labels, tier) in tiers { sink.add(HistoryMetrics.seconds, labels, tier.held.seconds) }
        for (labels, tier) in tiers { sink.add(HistoryMetrics.bytes, labels, Double(tier.bytes)) }
        for (labels, tier) in tiers { sink.add(HistoryMetrics.samples, labels, Double(tier.samples)) }
        for (labels, tier) in tiers { sink.add(HistoryMetrics.evictions, labels, Double(tier.evictions)) }
        sink.add(HistoryMetrics.links, Double(statistics.subjects))
        sink.add(HistoryMetrics.late, Double(statistics.lateTicks))
        sink.add(HistoryMetrics.dropped, Double(statistics.droppedTicks))
        sink.add(HistoryMetrics.unwritten, Double(statistics.unwrittenBlocks))
    }
}
