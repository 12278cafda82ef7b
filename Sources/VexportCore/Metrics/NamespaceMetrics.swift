/// What there is to tell of a namespace itself.
struct NamespaceSummary: Sendable {
    let id: NamespaceID
    /// nil for vexport's own, and before it is settled.
    let label: EscapedText?
    let nsid: NSID?
    let inode: UInt64?
    let isReadable: Bool
    let links: Int

    var isOwn: Bool { id == .own }
}

/// The namespaces' rows of the catalogue.
public enum NamespaceMetrics {
    static let namespaces = Metric(
        .gauge, "vexport_namespaces", "Network namespaces known, vexport's own included.",
        source: "/run/netns, /proc/PID/task/TID/ns/net, RTM_GETNSID")
    static let info = Metric(
        .info, "vexport_namespace_info",
        "A network namespace: its number in vexport's own table, and its file's inode where that is known. Without "
            + "`netns` it is vexport's own.",
        source: "/run/netns, /proc/PID/task/TID/ns/net, RTM_GETNSID", labels: ["netns", "nsid", "inode"])
    static let links = Metric(
        .gauge, "vexport_namespace_links", "Links known in the namespace, those without series included.",
        source: "VexportCore", labels: ["netns"])

    /// All of them.
    public static let all = [namespaces, info, links]

    /// Adds them. Namespaces whose label is not settled yet are only counted.
    static func collect(_ summaries: [NamespaceSummary], into sink: inout SampleSink) {
        guard !summaries.isEmpty else { return }
        sink.add(namespaces, Double(summaries.count))
        let labelled = summaries.filter { $0.isOwn || $0.label != nil }
        for summary in labelled {
            sink.add(
                info,
                [Label("netns", summary.label), Label("nsid", summary.nsid), Label("inode", summary.inode)]
                    .compactMap(\.self), 1)
        }
        for summary in labelled where summary.isReadable {
            sink.add(links, [Label("netns", summary.label)].compactMap(\.self), Double(summary.links))
        }
    }
}
