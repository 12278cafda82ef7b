/// The parser of Python's prometheus_client: strict, and by other people.
public enum OpenMetricsParser {
    /// How many samples it finds on a page.
    ///
    /// - Throws: when it does not take the page.
    public static func sampleCount(_ page: String) throws -> Int {
        let count = try Command.run(
            [
                "/usr/bin/python3", "-c",  // Debian's, which finds Debian's packages
                """
                import sys
                from prometheus_client.openmetrics.parser import text_string_to_metric_families
                text = sys.stdin.buffer.read().decode("utf-8")
                print(sum(len(family.samples) for family in text_string_to_metric_families(text)), end="")
                """,
            ], input: page)
        return Int(count) ?? 0
    }
}
