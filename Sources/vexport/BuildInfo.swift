import VexportCore

/// `vexport_build_info`.
struct BuildInfo: MetricSource {
    static let metric = Metric(
        .info, "vexport_build_info", "The version of vexport and of the Swift compiler that built it.",
        source: "vexport", labels: ["version", "swift_version"])

    func collect(into sink: inout SampleSink) {
        #if swift(>=6.4)
            let swift = "6.4+"
        #elseif swift(>=6.3)
            let swift = "6.3"
        #else
            let swift = "6.2"
        #endif
        sink.add(Self.metric, [Label("version", Version.current), Label("swift_version", swift)], 1)
    }
}
