public import VexportCore

/// How looking for owners has gone so far.
struct HostStatistics {
    var isUp = false
    var seesAll = false
    var restarts: UInt64 = 0
    private var sweeps = [UInt64](repeating: 0, count: Sweep.Scope.allCases.count)
    private var processorTime = Duration.zero
    private var last: (report: HelperMessage.Report, at: ContinuousClock.Instant)?

    mutating func take(_ report: HelperMessage.Report, at now: ContinuousClock.Instant) {
        sweeps[Int(report.scope.rawValue)] += 1
        processorTime += report.processorTime
        last = (report, now)
    }

    func collect(at now: ContinuousClock.Instant, into sink: inout SampleSink) {
        typealias M = HostMetrics
        sink.add(M.up, isUp ? 1 : 0)
        sink.add(M.seesAll, seesAll ? 1 : 0)
        sink.add(M.restarts, Double(restarts))
        for scope in Sweep.Scope.allCases {
            sink.add(M.sweeps, [Label("scope", "\(scope)")], Double(sweeps[Int(scope.rawValue)]))
        }
        sink.add(M.processorTime, processorTime.seconds)
        guard let last else { return }
        sink.add(M.age, (now - last.at).seconds)
        sink.add(M.duration, last.report.duration.seconds)
        sink.add(M.processes, Double(last.report.statistics.processes))
        sink.add(M.descriptors, Double(last.report.statistics.descriptors))
        sink.add(M.hidden, Double(last.report.statistics.hidden))
    }
}

/// The collector's rows of the catalogue.
public enum HostMetrics {
    static let up = Metric(
        .gauge, "vexport_owners_helper_up", "1 while the helper process that looks for owners works.",
        source: "HostCollector")
    static let seesAll = Metric(
        .gauge, "vexport_owners_complete",
        "1 when all processes can be looked at, 0 when only those of vexport's own user can.",
        source: "CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH")
    static let restarts = Metric(
        .counter, "vexport_owners_helper_restarts_total",
        "Times another helper process took the place of one that ended.",
        source: "HostCollector")
    static let sweeps = Metric(
        .counter, "vexport_owners_sweeps_total",
        "Looks at processes: full ones at all, quick ones at new ones and those that hold taps.",
        source: "HostCollector", labels: ["scope"])
    static let processorTime = Metric(
        .counter, "vexport_owners_cpu_seconds_total", "Processor time that looking for owners took.",
        source: "CLOCK_THREAD_CPUTIME_ID")
    static let age = Metric(
        .gauge, "vexport_owners_age_seconds", "How old the knowledge of owners is.", source: "HostCollector")
    static let duration = Metric(
        .gauge, "vexport_owners_sweep_duration_seconds", "How long the last look took.", source: "HostCollector")
    static let processes = Metric(
        .gauge, "vexport_owners_processes", "Processes known at the last look.", source: "/proc")
    static let descriptors = Metric(
        .gauge, "vexport_owners_descriptors", "Open descriptors of these processes, as far as they are shown.",
        source: "/proc/PID/fd")
    static let hidden = Metric(
        .gauge, "vexport_owners_hidden_processes", "Processes whose descriptors are hidden from vexport.",
        source: "/proc/PID/fd")

    /// All of them.
    public static let all = [
        up, seesAll, restarts, sweeps, processorTime, age, duration, processes, descriptors, hidden,
    ]
}
