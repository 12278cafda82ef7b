import TestSupport
import Testing

@testable import VexportCore

/// What text files and plugins may write.
@Suite struct MetricTextTests {
    private func parse(_ text: String) throws(MetricProblem) -> [ForeignFamily] {
        try MetricText.parse(Array(text.utf8))
    }

    @Test("families of all types, with escapes, blanks and labels in any order, are read as they are meant")
    func everything() throws {
        let families = try parse(
            """
            # A comment, and an empty line.

            # HELP backup_age_seconds Age \\\\ of\\nit.
            # TYPE backup_age_seconds gauge
            backup_age_seconds{z="a\\"b\\\\c",  a = "x\\ny" , empty="",} 1.5e3
            # TYPE jobs_total counter
            jobs_total 7
            # TYPE wait histogram
            wait_bucket{le="0.1"} 1
            wait_bucket{le="+Inf"} 2
            wait_sum 0.3
            wait_count 2
            # TYPE size summary
            size{quantile="0.5"} NaN
            size_sum 4
            size_count 0
            \tplain:name\t-Inf \n
            """)
        #expect(
            families.map(\.name) == ["backup_age_seconds", "jobs_total", "wait", "size", "plain:name"])
        #expect(families.map(\.kind) == [.gauge, .counter, .histogram, .summary, .untyped])
        #expect(families[0].help == "Age \\ of\\x0ait.")
        #expect(families[0].samples[0].labels == [Label("a", "x\\x0ay"), Label("z", "a\"b\\c")])
        #expect(families[0].samples[0].value == 1500)
        #expect(families[2].samples.map(\.suffix) == ["_bucket", "_bucket", "_sum", "_count"])
        #expect(families[3].samples[0].value.isNaN)
        #expect(families[4].samples[0].value == -.infinity)
    }

    @Test(
        "what is not exactly the format is refused, with its line",
        arguments: [
            ("a 1", "line 1: the last line has no end: it may have been cut off"),
            ("a 1\nb{x=\"1", "line 2: the last line has no end: it may have been cut off"),
            ("a\n", "line 1: expected a number, got ''"),
            ("a 1x\n", "line 1: expected a number, got '1x'"),
            ("a 0x10\n", "line 1: expected a number, got '0x10'"),
            ("a 1e999\n", "line 1: expected a number, got '1e999'"),
            ("a 1 2 3\n", "line 1: expected the end of the line after the value"),
            ("{\"a.b\"} 1\n", "line 1: expected a metric's name"),
            ("9a 1\n", "line 1: expected a metric's name"),
            ("a-b 1\n", "line 1: expected a number, got '-b'"),
            ("a{b=c} 1\n", "line 1: expected a label's value in quotes"),
            ("a{b=\"c} 1\n", "line 1: expected a label's value in quotes"),
            ("a{b=\"c\" d=\"e\"} 1\n", "line 1: expected ',' or '}' after a label"),
            ("a{b=\"c\\t\"} 1\n", "line 1: a backslash before something else than \\, n or \""),
            ("a{b=\"1\",b=\"2\"} 1\n", "line 1: a label twice"),
            ("a{9=\"1\"} 1\n", "line 1: expected a label's name and '='"),
            ("# TYPE a gage\na 1\n", "line 1: expected counter, gauge, histogram, summary or untyped"),
            ("a 1\n# TYPE a gauge\n", "line 2: a TYPE of a after its first sample or TYPE"),
            ("# TYPE a gauge\n# TYPE a gauge\n", "line 2: a TYPE of a after its first sample or TYPE"),
            ("# HELP a x\n# HELP a x\n", "line 2: a second HELP of a"),
            ("a 1\r\n", "line 1: expected a number, got '1\\x0d'"),
        ])
    func wrong(text: String, problem: String) {
        let error = #expect(throws: MetricProblem.self) { try parse(text) }
        #expect(error?.description == problem)
        #expect(error?.fault == .syntax)
    }

    @Test("a timestamp is refused, since it would hide when the series ends")
    func timestamp() {
        let error = #expect(throws: MetricProblem.self) { try parse("a 1\nb 2 1795496005250\n") }
        #expect(error == MetricProblem(.timestamp, "line 2: a timestamp, which is not allowed here"))
    }

    @Test("bytes that are no UTF-8 are refused where they would be shown, and nowhere else")
    func notText() throws {
        #expect(throws: MetricProblem.self) {
            try MetricText.parse(Array("a{b=\"".utf8) + [0xff] + Array("\"} 1\n".utf8))
        }
        #expect(throws: MetricProblem.self) { try MetricText.parse(Array("# HELP a ".utf8) + [0xff, 0x0a]) }
        #expect(throws: MetricProblem.self) { try MetricText.parse([0x61, 0xff, 0x20, 0x31, 0x0a]) }
        #expect(try MetricText.parse(Array("# note ".utf8) + [0xff] + Array("\na 1\n".utf8)).count == 1)
    }

    @Test("lines and labels are bounded")
    func bounds() {
        let long = "a{b=\"" + String(repeating: "x", count: MetricText.longestLine) + "\"} 1\n"
        #expect(throws: MetricProblem.self) { try parse(long) }
        let many = "a{" + (0...MetricText.mostLabels).map { "l\($0)=\"\"" }.joined(separator: ",") + "} 1\n"
        #expect(throws: MetricProblem.self) { try parse(many) }
    }

    @Test("random bytes made of the format's own never do more than throw, and what is read is rendered and read again")
    func noise() throws {
        let pieces = [
            "a 1\n", "a{x=\"\\n\"} NaN\n", "b_bucket{le=\"1\",x=\"é\"} 2\n", "b_count\t3\n", "b_sum +Inf\n",
            "a{} 0.1\n",
            "# TYPE b histogram\n", "# TYPE a counter\n", "# HELP a b\\\\\\nc\n", "# HELP b \n", "#\n", "\n",
            "c{le=\"1\"", "} 1\n",
            "_bucket", "{", ",", "-", "\"", "\\",
        ]
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var readable = 0
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 1...8, using: &random)).map { _ in pieces.randomElement(using: &random)! }
                .joined()
            guard let families = try? parse(text) else { continue }
            let rules = MetricRules(taken: [], budget: 100)
            let (admitted, _) = rules.admit(families)
            let page = ForeignPage(ForeignFamily.join([admitted]).families).text(.text)
            let again = try MetricText.parse(page)
            #expect(ForeignPage(again).text(.text) == page)
            if !page.isEmpty { readable += 1 }
        }
        #expect(readable > 10)
    }
}
