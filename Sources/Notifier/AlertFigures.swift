public import VexportCore

/// The notifier in numbers, for a scrape that must not wait for it.
struct AlertFigures: Sendable {
    var alerts: [(name: String, state: String, count: Int)] = []
    var receivers: [(receiver: String, count: ChannelCount, waiting: Int)] = []
    var isStoreWorking = true
    var refused: UInt64 = 0

    init() {}

    init(_ worker: AlertWorker) {
        var counts: [String: [AlertState.Phase: Int]] = [:]
        for alert in worker.engine.active { counts[alert.name, default: [:]][alert.state.phase, default: 0] += 1 }
        alerts = counts.sorted { $0.key < $1.key }.flatMap { name, phases in
            [AlertState.Phase.pending, .firing].compactMap { phase in
                phases[phase].map { (name, phase.rawValue, $0) }
            }
        }
        for (_, lane) in worker.deliveries.lanes.sorted(by: { $0.key < $1.key }) {
            if receivers.last?.receiver != lane.receiver { receivers.append((lane.receiver, ChannelCount(), 0)) }
            receivers[receivers.count - 1].count.add(lane.count)
            receivers[receivers.count - 1].waiting += lane.queue.entries.count
        }
        isStoreWorking = worker.isStoreWorking
        refused = worker.engine.refused
    }
}

extension ChannelCount {
    fileprivate mutating func add(_ other: ChannelCount) {
        delivered += other.delivered
        failedTries += other.failedTries
        refused += other.refused
        dropped += other.dropped
        duration = [duration, other.duration].compactMap { $0 }.max()
    }
}

/// `vexport_alerts` and `vexport_notifications_*`.
public enum NotifierMetrics {
    static let alerts = Metric(
        .gauge, "vexport_alerts", "Alerts that are pending or firing, by rule.", source: "Rules",
        labels: ["alertname", "state"])
    static let refused = Metric(
        .counter, "vexport_alerts_refused_total", "Conditions that made no alert because their rule has too many.",
        source: "Rules")
    static let delivered = Metric(
        .counter, "vexport_notifications_total", "Notifications that a receiver took.", source: "Notifier",
        labels: ["receiver"])
    static let failed = Metric(
        .counter, "vexport_notifications_failed_total",
        "Tries to deliver a notification that failed; most are tried again.", source: "Notifier", labels: ["receiver"])
    static let lost = Metric(
        .counter, "vexport_notifications_dropped_total",
        "Notifications given up: the receiver refused them, or too many waited for it.", source: "Notifier",
        labels: ["receiver"])
    static let duration = Metric(
        .gauge, "vexport_notifications_duration_seconds", "How long the last try to deliver took.", source: "Notifier",
        labels: ["receiver"])
    static let waiting = Metric(
        .gauge, "vexport_notifications_queue", "Notifications that wait for a receiver.", source: "Notifier",
        labels: ["receiver"])
    static let outbox = Metric(
        .gauge, "vexport_notifications_outbox_success",
        "1 when alerts and notifications are saved for a restart, 0 when the outbox can't be written.",
        source: "storage.path")

    /// All of them.
    public static let all = [alerts, refused, delivered, failed, lost, duration, waiting, outbox]
}

extension Notifier: MetricSource {
    public func collect(into sink: inout SampleSink) {
        typealias M = NotifierMetrics
        let figures = published.withLock { $0 }
        for (name, state, count) in figures.alerts {
            sink.add(M.alerts, [Label("alertname", name), Label("state", state)], Double(count))
        }
        sink.add(M.refused, Double(figures.refused))
        func each(_ metric: Metric, _ value: (ChannelCount, Int) -> Double?) {
            for (receiver, count, waiting) in figures.receivers {
                if let value = value(count, waiting) { sink.add(metric, [Label("receiver", receiver)], value) }
            }
        }
        each(M.delivered) { count, _ in Double(count.delivered) }
        each(M.failed) { count, _ in Double(count.failedTries) }
        each(M.lost) { count, _ in Double(count.refused + count.dropped) }
        each(M.duration) { count, _ in count.duration?.seconds }
        each(M.waiting) { _, waiting in Double(waiting) }
        sink.add(M.outbox, figures.isStoreWorking ? 1 : 0)
    }
}
