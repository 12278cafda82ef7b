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
        "the coding that a client gets for its Accept-Encoding header",
        arguments: [
            // Prometheus 2 and 3 and VictoriaMetrics; curl 7.88 --compressed; Python's requests; browsers.
            ("gzip", .gzip),
            ("deflate, gzip, br, zstd", .gzip),
            ("deflate, gzip", .gzip),
            ("gzip, deflate, br, zstd", .gzip),
            // curl without --compressed, and what RFC 9110 has for examples.
            ("", .identity),
            ("compress, gzip", .gzip),
            ("*", .gzip),
            ("compress;q=0.5, gzip;q=1.0", .gzip),
            ("gzip;q=1.0, identity; q=0.5, *;q=0", .gzip),
            // Refused, or liked less.
            ("identity", .identity),
            ("deflate, br", .identity),
            ("gzip;q=0", .identity),
            ("gzip;q=0.5, identity", .identity),
            ("gzip;q=0.5, identity;q=0.5", .gzip),
            ("*;q=0.1, identity;q=0.5", .identity),
            ("*;q=0", nil),
            ("identity;q=0", nil),
            ("gzip;q=0, identity;q=0", nil),
            ("gzip;q=0, *;q=0", nil),
            ("identity;q=0, *", .gzip),
            ("identity;q=0, gzip;q=0.001", .gzip),
            ("gzip, *;q=0", .gzip),
            // Spelt in other ways.
            ("GZip", .gzip),
            ("x-gzip", .gzip),
            (" gzip ; q = 0.8 ", .gzip),
            // Nonsense.
            ("gzip;q=2", .identity),
            ("gzip;q=nan", .identity),
            ("gzip;q=", .identity),
            (",;,=;q", .identity),
            ("gzipped", .identity),
            (String(repeating: "a,", count: 5000) + "gzip", .identity),
        ] as [(String, ContentCoding?)])
    func acceptEncoding(_ header: String, _ coding: ContentCoding?) {
        #expect(ContentCoding(acceptEncoding: header) == coding)
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
