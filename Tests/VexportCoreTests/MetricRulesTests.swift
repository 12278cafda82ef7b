import TestSupport
import Testing

@testable import VexportCore

/// What of metrics from outside gets on the page.
@Suite struct MetricRulesTests {
    private func families(_ text: String) throws -> [ForeignFamily] {
        try MetricText.parse(Array((text + "\n").utf8))
    }

    private func admit(_ text: String, budget: Int = 100) throws -> (kept: Int, losses: [MetricFault: Int]) {
        let (admitted, losses) = MetricRules(taken: ["process_open_fds"], budget: budget).admit(try families(text))
        return (admitted.reduce(0) { $0 + $1.samples.count }, losses.counts)
    }

    @Test(
        "what is against the rules is left out with its reason, and the rest stays",
        arguments: [
            ("vexport_mine 1", MetricFault.clash),
            ("process_open_fds 1", .clash),
            ("# TYPE process_open_fds histogram\nprocess_open_fds_sum 1", .clash),
            ("# TYPE c_total counter\nc_total NaN", .value),
            ("# TYPE c_total counter\nc_total -1", .value),
            ("# TYPE c_total counter\nc_total +Inf", .value),
            ("# TYPE h histogram\nh_bucket{le=\"1\"} NaN", .value),
            ("# TYPE h histogram\nh_count -1", .value),
            ("# TYPE h histogram\nh_bucket 1", .label),
            ("# TYPE h histogram\nh_bucket{le=\"x\"} 1", .label),
            ("# TYPE h histogram\nh 1", .label),
            ("# TYPE s summary\ns 1", .label),
            ("# TYPE s summary\ns{quantile=\"2\"} 1", .label),
            ("g{le=\"1\"} 1", .label),
            ("g{quantile=\"1\"} 1", .label),
            ("g{__name__=\"x\"} 1", .label),
            ("g{x=\"\(String(repeating: "y", count: 2_000))\"} 1", .label),
            ("twice{a=\"1\",b=\"2\"} 1\ntwice{b=\"2\",a=\"1\",c=\"\"} 2", .duplicate),
        ])
    func refused(text: String, fault: MetricFault) throws {
        let (kept, losses) = try admit(text + "\n# TYPE fine gauge\nfine NaN")
        #expect(losses == [fault: 1])
        #expect(kept == (fault == .duplicate ? 2 : 1))
    }

    @Test("é in its two spellings are two series")
    func spellings() throws {
        #expect(try admit("g{x=\"\u{e9}\"} 1\ng{x=\"e\u{301}\"} 1").losses.isEmpty)
    }

    @Test("series beyond the budget are left out and counted")
    func budget() throws {
        let text = (0..<10).map { "g{n=\"\($0)\"} 1" }.joined(separator: "\n")
        let (kept, losses) = try admit(text, budget: 4)
        #expect(kept == 4)
        #expect(losses == [.budget: 6])
    }

    @Test("two sources may share a family of one type, but no series, and no name with another type")
    func join() throws {
        let sources = try [
            families("# TYPE shared gauge\nshared{a=\"1\"} 1\nx_total 1"),
            families("# TYPE shared gauge\nshared{a=\"1\"} 2\nshared{a=\"2\"} 2"),
            families("# TYPE shared counter\nshared 1\n# TYPE x_total counter\nx_total 1\n# TYPE x gauge\nx 1"),
        ]
        let (joined, losses) = ForeignFamily.join(sources)
        #expect(joined.map(\.name) == ["shared", "x_total", "x"])
        #expect(joined[0].samples.map(\.value) == [1, 2])
        #expect(losses.map(\.counts) == [[:], [.duplicate: 1], [.clash: 2]])
        #expect(losses[2].example?.description == "shared, a counter: another has shared, a gauge")
    }

    @Test("in OpenMetrics a counter's family, its _created and its samples are one name's")
    func openMetricsNames() throws {
        let (_, losses) = ForeignFamily.join([
            try families("# TYPE x_total counter\nx_total 1\n# TYPE x gauge\nx 1\n# TYPE x_created gauge\nx_created 1")
        ])
        #expect(losses[0].counts == [.clash: 2])
    }

    @Test("promtool takes the text page and Python's parser the OpenMetrics page, with the same series")
    func formats() throws {
        let text = """
            # HELP wait_seconds A "quoted" back\\\\slash.
            # TYPE wait_seconds histogram
            wait_seconds_bucket{le="0.1"} 1
            wait_seconds_bucket{le="1"} 2
            wait_seconds_bucket{le="+Inf"} 2
            wait_seconds_sum 0.3
            wait_seconds_count 2
            # HELP size_bytes Size.
            # TYPE size_bytes summary
            size_bytes{quantile="0.5",disk="a"} NaN
            size_bytes_sum{disk="a"} 4
            size_bytes_count{disk="a"} 1
            # HELP jobs_total Jobs.
            # TYPE jobs_total counter
            jobs_total{name="a\\"b\\\\c"} 7
            # HELP oddly_named A counter without the suffix.
            # TYPE oddly_named counter
            oddly_named 1e300
            # HELP temperature_celsius Temperature.
            # TYPE temperature_celsius gauge
            temperature_celsius -3.5
            """
        let (joined, _) = ForeignFamily.join([try families(text)])
        let page = ForeignPage(joined)
        let plain = String(decoding: page.text(.text), as: UTF8.self)
        let open = String(decoding: page.text(.openMetrics), as: UTF8.self) + "# EOF\n"
        // Its linter wants counters to end in _total.
        let linted = plain.split(separator: "\n").filter { !$0.contains("oddly_named") }.joined(separator: "\n") + "\n"
        try Command.run(["promtool", "check", "metrics"], input: linted)
        func series(_ page: String) -> Set<Substring> { Set(page.split(separator: "\n").filter { !$0.hasPrefix("#") }) }
        #expect(series(plain) == series(open))
        #expect(try OpenMetricsParser.sampleCount(open) == series(plain).count)
    }
}
