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
    public static let traffic = [
        counter(
            "vexport_workload_receive_bytes_total", .transmitBytes, "Bytes that the workload received.", "tx_bytes"),
        counter(
            "vexport_workload_receive_packets_total", .transmitPackets, "Packets that the workload received.",
            "tx_packets"),
        counter("vexport_workload_transmit_bytes_total", .receiveBytes, "Bytes that the workload sent.", "rx_bytes"),
        counter(
            "vexport_workload_transmit_packets_total", .receivePackets, "Packets that the workload sent.", "rx_packets"),
    ]

    private static func counter(
        _ name: String, _ counter: LinkCounter, _ help: String, _ source: String
    ) -> LinkMetric {
        LinkMetric(
            metric: Metric(
                .counter, name, help, source: "IFLA_STATS_LINK_64 \(source) of the near end", labels: labelNames),
            isDetail: false, reading: .counter(counter)
        ).of(.workload)
    }

    static func labels(_ workload: Workload?) -> [Label] {
        guard let workload else { return [] }
        return [Label("workload", workload.name.description), Label("workload_kind", "\(workload.kind)")]
    }
}
