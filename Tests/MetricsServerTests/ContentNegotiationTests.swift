import NIOHTTP1
import Testing
import VexportCore

@testable import MetricsServer

@Suite struct ContentNegotiationTests {
    @Test(
        "the format that a client gets for its Accept header",
        arguments: [
            // Prometheus 2.0 to 2.4, 2.5 to 2.46, 2.47 to 2.54, 2.5x with protobuf, 3.x.
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", .text),
            ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .text),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
            ),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                    + "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;"
                    + "q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
            ),
            // curl, a browser, none, and what people type.
            ("*/*", .text),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", .text),
            ("", .text),
            ("application/openmetrics-text", .openMetrics),
            ("APPLICATION/OpenMetrics-Text ; Version=\"1.0.0\"", .openMetrics),
            ("application/openmetrics-text; version=2.0.0", .text),
            ("text/plain, application/openmetrics-text", .text),
            ("application/openmetrics-text, text/plain", .openMetrics),
            ("application/openmetrics-text;q=0.2, text/plain;q=0.1", .openMetrics),
            ("application/openmetrics-text;q=0.1, */*;q=0.2", .text),
            ("application/openmetrics-text;q=0", .text),
            ("application/openmetrics-text, text/*;q=0.5", .openMetrics),
            ("application/openmetrics-text;q=0.5, text/plain;q=0, */*", .openMetrics),
            // Nonsense.
            ("application/openmetrics-text;q=2", .text),
            ("application/openmetrics-text;q=nan", .text),
            ("application/openmetrics-text;q=", .text),
            (";;;,,,;q=1,=", .text),
            (String(repeating: "a/b,", count: 5000) + "application/openmetrics-text", .text),
        ] as [(String, ExpositionFormat)])
    func accept(_ header: String, _ format: ExpositionFormat) {
        #expect(ScrapeWishes.format(accept: header) == format)
    }

    @Test(
        "how long a client says that it waits",
        arguments: [
            ("10", .seconds(10)), ("0.25", .milliseconds(250)), ("3600", .seconds(3600)), ("3601", nil), ("0", nil),
            ("-1", nil), ("nan", nil), ("inf", nil), ("10s", nil), ("", nil),
        ] as [(String, Duration?)])
    func timeout(_ value: String, _ timeout: Duration?) {
        #expect(ScrapeWishes(["X-Prometheus-Scrape-Timeout-Seconds": value]).timeout == timeout)
    }
}
