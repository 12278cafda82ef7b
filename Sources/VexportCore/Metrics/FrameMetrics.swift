/// What a frame says about itself: rows of the catalogue beside the links'.
public enum FrameMetrics {
    static let links = Metric(.gauge, "vexport_links", "Links known, by kind.", source: "VexportCore", labels: ["kind"])
    static let refused = Metric(
        .gauge, "vexport_series_refused",
        "Series that links would have and the budget has no room for; those links are left out whole.",
        source: "links.series_budget")
    static let events = Metric(
        .counter, "vexport_link_events_total", "Changes of links since vexport started, by type of change.",
        source: "RTNLGRP_LINK, RTM_GETLINK", labels: ["type"])
    static let inferred = Metric(
        .counter, "vexport_netlink_inferred_events_total",
        "Changes of links that no message told, found by comparing with what the kernel answered.",
        source: "RTM_GETLINK")
    static let timestamp = Metric(
        .gauge, "vexport_tick_timestamp_seconds", "When the counters on this page were read.", source: "VexportCore")
    static let age = Metric(
        .gauge, "vexport_tick_age_seconds", "How old the counters on this page were when it was made.",
        source: "VexportCore")
    static let duration = Metric(
        .gauge, "vexport_tick_duration_seconds", "How long reading the counters on this page took.",
        source: "RTM_GETSTATS")

    /// All of them.
    public static let all = [links, refused, events, inferred, timestamp, age, duration]

    /// Adds them.
    public static func collect(_ frame: TickFrame, now: ContinuousClock.Instant, into sink: inout SampleSink) {
        for (kind, count) in frame.links.counts.sorted(by: { $0.key < $1.key }) {
            sink.add(links, [Label("kind", kind)], Double(count))
        }
        sink.add(refused, Double(frame.links.refusedSeries))
        for (label, count) in zip(LinkEvent.Kind.labels, frame.eventCounts) {
            sink.add(events, [Label("type", label)], Double(count))
        }
        sink.add(inferred, Double(frame.inferredEvents))
        sink.add(timestamp, frame.moment.timestamp.seconds)
        sink.add(age, (now - frame.moment.instant).seconds)
        sink.add(duration, frame.duration.seconds)
    }
}
