import TestSupport
import Testing

@testable import VexportCore

@Suite struct CatalogueTests {
    @Test("names, units and types are what Prometheus expects")
    func names() {
        var seen: Set<String> = []
        for metric in LinkMetrics.all.map(\.metric) {
            #expect(seen.insert(metric.name).inserted, "\(metric.name) twice")
            #expect(metric.name.hasPrefix("vexport_"))
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.name.hasSuffix("_info") == (metric.kind == .info), "\(metric.name)")
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
            #expect(!metric.source.isEmpty)
        }
    }

    @Test("every counter of the kernel's struct is in the catalogue once")
    func counters() {
        let counters = LinkMetrics.all.compactMap { row -> LinkCounter? in
            if case .counter(let counter, _) = row.reading { counter } else { nil }
        }
        #expect(Set(counters) == Set(LinkCounter.allCases))
        #expect(counters.count == LinkCounter.allCases.count)
    }

    @Test("events have one label each")
    func eventLabels() {
        #expect(Set(LinkEvent.Kind.labels).count == LinkEvent.Kind.labels.count)
        #expect(LinkEvent.Kind.moved(from: .own).ordinal == LinkEvent.Kind.labels.count - 1)
    }
}
