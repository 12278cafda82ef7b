/// The metrics of what is at the far ends of taps and veths.
public enum WorkloadMetrics {
    /// What tells a workload on other metrics.
    static let labelNames = ["workload", "workload_kind"]

    static let links: [LinkMetric] = [
        .info(
            "vexport_workload_info",
            "Who is at the far end of a tap or veth. `workload_kind` is vm, container, pod, service or process; "
                + "`instance_name`, `project` and `flavor` are Nova's words.",
            source: "/proc/PID/cgroup, /proc/PID/cmdline, /run/libvirt/qemu",
            labels: labelNames + ["runtime", "id", "instance_name", "project", "flavor"]
        ) { link in
            guard let workload = link.workload else { return nil }
            return labels(workload)
                + [
                    Label("runtime", workload.runtime?.name), Label("id", workload.id),
                    // Prometheus has a label `instance` of its own.
                    Label("instance_name", workload.instance), Label("project", workload.project),
                    Label("flavor", workload.flavor),
                ].compactMap(\.self)
        }
    ]

    /// What a workload sends is received by the near end of its link.
    static let traffic: [(metric: Metric, counter: LinkCounter)] = [
        (
            metric("vexport_workload_receive_bytes_total", "Bytes that the workload received.", "tx_bytes"),
            .transmitBytes
        ),
        (
            metric("vexport_workload_receive_packets_total", "Packets that the workload received.", "tx_packets"),
            .transmitPackets
        ),
        (metric("vexport_workload_transmit_bytes_total", "Bytes that the workload sent.", "rx_bytes"), .receiveBytes),
        (
            metric("vexport_workload_transmit_packets_total", "Packets that the workload sent.", "rx_packets"),
            .receivePackets
        ),
    ]

    /// Those that are not rows of links.
    public static let all = traffic.map(\.metric)

    private static func metric(_ name: String, _ help: String, _ source: String) -> Metric {
        Metric(
            .counter, name, help, source: "IFLA_STATS_LINK_64 \(source) of the near end",
            labels: labelNames + ["device", "netns"])
    }

    static func labels(_ workload: Workload?) -> [Label] {
        guard let workload else { return [] }
        return [Label("workload", workload.name.description), Label("workload_kind", "\(workload.kind)")]
    }

    /// Adds the traffic of all workloads.
    static func collect(_ frame: TickFrame, into sink: inout SampleSink) {
        let slots = (0..<frame.links.slotCount).filter {
            frame.links[$0]?.workload != nil && frame.links.isExposed($0)
        }
        for (metric, counter) in traffic {
            for slot in slots {
                guard let record = frame.links[slot], let value = frame.counter(counter, slot: slot) else { continue }
                sink.add(metric, record.workloadLabels, Double(value))
            }
        }
    }
}
