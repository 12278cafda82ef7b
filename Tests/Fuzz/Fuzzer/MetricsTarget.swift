@testable import VexportCore

/// Metrics as text files and plugins write them, of up to four sources with a zero byte between.
enum MetricsTarget: FuzzTarget {
    private static let taken: Set<String> = ["process_open_fds", "node_network_up"]

    static func seeds() throws -> [[UInt8]] { try corpus("metrics") }

    static func run(_ input: [UInt8]) {
        let sources = input.split(separator: 0).prefix(4).map { text in
            do throws(MetricProblem) {
                return try MetricText.parse(Array(text))
            } catch {
                require(isPlain(error.description), "a control character in a reason")
                return []
            }
        }
        let rules = MetricRules(taken: taken, budget: 50)
        // Text files are put together before the rules hold for them, plugins after that.
        check(rules.admit(ForeignFamily.join(sources).families).families)
        check(ForeignFamily.join(sources.map { rules.admit($0).families }).families)
    }

    private static func check(_ families: [ForeignFamily]) {
        let page = ForeignPage(families)
        let text = page.text(.text)
        check(text)
        check(page.text(.openMetrics))
        // What is escaped is longer, and may be too long to be read again.
        guard text.split(separator: 0x0a).allSatisfy({ $0.count <= MetricText.longestLine }) else { return }
        guard let again = try? MetricText.parse(text) else { fatalError("a page that can't be read again") }
        require(ForeignPage(again).text(.text) == text, "another page when it is read again")
        let (_, losses) = MetricRules(taken: taken, budget: .max).admit(again)
        require(losses.isEmpty, "against the rules: \(losses)")
    }

    /// What holds for a page in either format.
    private static func check(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { fatalError("a page that is no UTF-8") }
        var types: Set<Substring> = []
        var series: Set<[UInt8]> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            require(isPlain(String(line)), "a control character on the page")
            require(!line.hasPrefix("vexport_"), "vexport's own name")
            if line.hasPrefix("# TYPE ") {
                require(types.insert(line.split(separator: " ")[2]).inserted, "a second type: \(line)")
            } else if !line.hasPrefix("# HELP ") {
                guard let end = line.utf8.lastIndex(of: 0x20) else { fatalError("no value: \(line)") }
                require(series.insert(Array(line.utf8[..<end])).inserted, "a series twice: \(line)")
            }
        }
    }
}
