internal import Netlink
public import VexportCore

/// What the collector has done so far, and how it went.
struct CollectorStatistics: Sendable {
    var linkEvents: UInt64 = 0
    var portEvents: UInt64 = 0
    var namespaceEvents: UInt64 = 0
    var overruns: UInt64 = 0
    var malformedEvents: UInt64 = 0
    var linkDumps: UInt64 = 0
    var statsDumps: UInt64 = 0
    var namespaceDumps: UInt64 = 0
    var questions: UInt64 = 0
    var tornDumps: UInt64 = 0
    var failedDumps: UInt64 = 0
    var resyncs: UInt64 = 0
    var lastResync: Duration?
    var receiveBuffer: Int32 = 0
    var lastLinkDump = Duration.zero
    var lastVerified: Timestamp?
    var lastTick = Duration.zero
    var lastTickAt: Timestamp?
    var lastTickFailed = false

    /// - Parameters:
    ///   - sampler: reads counters in other namespaces, if any are followed.
    ///   - reader: reads bridges.
    func collect(_ sampler: NamespaceSampler?, _ reader: BridgeReader?, into sink: inout SampleSink) {
        let (remote, bridges) = (sampler?.statistics, reader?.statistics)
        typealias M = CollectorMetrics
        sink.add(M.messages, [Label("family", "link")], Double(linkEvents))
        sink.add(M.messages, [Label("family", "bridge_port")], Double(portEvents))
        sink.add(M.messages, [Label("family", "namespace")], Double(namespaceEvents))
        sink.add(M.malformed, Double(malformedEvents))
        sink.add(M.overruns, Double(overruns))
        sink.add(M.resyncs, Double(resyncs))
        if let lastResync { sink.add(M.resyncDuration, lastResync.seconds) }
        sink.add(M.receiveBuffer, Double(receiveBuffer))
        sink.add(M.dumps, [Label("type", "link")], Double(linkDumps))
        sink.add(M.dumps, [Label("type", "stats")], Double(statsDumps + (remote?.visits ?? 0)))
        if let remote { sink.add(M.dumps, [Label("type", "remote_stats")], Double(remote.dumpsFromAfar)) }
        sink.add(M.dumps, [Label("type", "namespace")], Double(namespaceDumps))
        if let bridges { sink.add(M.dumps, [Label("type", "bridge")], Double(bridges.dumps)) }
        sink.add(M.questions, Double(questions))
        sink.add(M.torn, Double(tornDumps))
        sink.add(M.failed, Double(failedDumps + (remote?.failures ?? 0) + (bridges?.failures ?? 0)))
        if let bridges { sink.add(M.cut, Double(bridges.cutDumps)) }
        sink.add(M.dumpDuration, lastLinkDump.seconds)
        if let lastVerified { sink.add(M.verified, lastVerified.seconds) }
        var collectors = [Run("link", lastTickFailed ? nil : lastTickAt, lastTick, lastTickAt)]
        if let sampler {
            collectors.append(Run("namespaces", remote?.lastAt, sampler.rounds.lastDuration, remote?.lastAt))
        }
        if let reader, let bridges {
            let success = bridges.lastFailed ? nil : bridges.lastAt
            collectors.append(Run("bridges", success, reader.rounds.lastDuration, bridges.lastAt))
        }
        for run in collectors { sink.add(M.success, run.labels, run.succeeded ? 1 : 0) }
        for run in collectors { sink.add(M.duration, run.labels, run.duration.seconds) }
        for run in collectors { if let at = run.lastAt { sink.add(M.lastSuccess, run.labels, at.seconds) } }
    }

    /// How a collector does.
    private struct Run {
        let labels: [Label]
        let succeeded: Bool
        let duration: Duration
        let lastAt: Timestamp?

        /// - Parameter success: nil when its last run failed.
        init(_ name: String, _ success: Timestamp?, _ duration: Duration, _ lastAt: Timestamp?) {
            labels = [Label("collector", name)]
            succeeded = success != nil
            self.duration = duration
            self.lastAt = lastAt
        }
    }
}

/// The collector's rows of the catalogue.
public enum CollectorMetrics {
    static let messages = Metric(
        .counter, "vexport_netlink_messages_total", "Events received, by what they are about.",
        source: "RTNLGRP_LINK, RTNLGRP_NSID", labels: ["family"])
    static let malformed = Metric(
        .counter, "vexport_netlink_malformed_messages_total",
        "Events that could not be decoded; a resync follows.", source: "LinkCollector")
    static let overruns = Metric(
        .counter, "vexport_netlink_overruns_total",
        "Times the kernel dropped events because the receive buffer was full; a resync follows.",
        source: "ENOBUFS")
    static let resyncs = Metric(
        .counter, "vexport_netlink_resyncs_total",
        "Times the inventory was made right again by a whole dump after events or answers were lost.",
        source: "LinkCollector")
    static let resyncDuration = Metric(
        .gauge, "vexport_netlink_resync_duration_seconds",
        "How long the last resync took, from noticing the loss to the end of the dump.", source: "LinkCollector")
    static let receiveBuffer = Metric(
        .gauge, "vexport_netlink_receive_buffer_bytes", "Room for events, as the kernel accounts for it.",
        source: "SO_RCVBUF")
    static let dumps = Metric(
        .counter, "vexport_netlink_dumps_total", "Dumps asked of the kernel, by type.",
        source: "RTM_GETLINK, RTM_GETSTATS, RTM_GETNSID, RTM_GETNEIGH", labels: ["type"])
    static let questions = Metric(
        .counter, "vexport_netlink_link_requests_total", "Links asked for one by one.", source: "RTM_GETLINK")
    static let torn = Metric(
        .counter, "vexport_netlink_torn_dumps_total", "Dumps that changes tore; they were repeated.",
        source: "NLM_F_DUMP_INTR")
    static let failed = Metric(
        .counter, "vexport_netlink_failed_dumps_total", "Dumps that failed.", source: "LinkCollector")
    static let cut = Metric(
        .counter, "vexport_netlink_cut_dumps_total",
        "Dumps of forwarding entries given up at 100,000 entries; what was counted of that namespace's ports is too low.",
        source: "RTM_GETNEIGH")
    static let dumpDuration = Metric(
        .gauge, "vexport_netlink_link_dump_duration_seconds",
        "How long the last dump of all links took, waiting for the kernel's lock included.", source: "LinkCollector")
    static let verified = Metric(
        .gauge, "vexport_inventory_verified_timestamp_seconds",
        "When the inventory was last compared with a whole dump of all links.", source: "LinkCollector")
    static let success = Metric(
        .gauge, "vexport_collector_success", "1 when the collector's last run succeeded, 0 when it failed.",
        source: "each collector", labels: ["collector"])
    static let duration = Metric(
        .gauge, "vexport_collector_duration_seconds", "How long the collector's last successful run took.",
        source: "each collector", labels: ["collector"])
    static let lastSuccess = Metric(
        .gauge, "vexport_collector_last_success_timestamp_seconds", "When the collector last succeeded.",
        source: "each collector", labels: ["collector"])

    static let feature = Metric(
        .gauge, "vexport_feature",
        "1 for what vexport can do here, 0 where the kernel or its rights do not allow it: `vexport check` says why.",
        source: "LinkCollector", labels: ["feature"])

    /// All of them.
    public static let all = [
        messages, malformed, overruns, resyncs, resyncDuration, receiveBuffer, dumps, questions, torn, failed,
        cut, dumpDuration, verified, success, duration, lastSuccess, feature,
    ]
}
