import TestSupport
import Testing

@testable import VexportCore
@testable import vexport

/// The catalogue that people read: it is complete and up to date.
@Suite struct PublishedCatalogueTests {
    @Test("docs/metrics.md holds what `vexport metrics --catalogue` prints")
    func published() throws {
        let printed = try Command.run([DaemonTests.binary, "metrics", "--catalogue"])
        #expect(printed == Catalogue.markdown())
        let published = try Repository.text("docs/metrics.md")
        #expect(published.contains("-->\n\n\(printed)\n<!-- end of the catalogue"), "make catalogue")
    }

    @Test("a name is listed once, and every one in the sources is listed")
    func complete() throws {
        let listed = Catalogue.sections.flatMap(\.rows).map(\.metric.name)
        #expect(Set(listed).count == listed.count)
        let sources = try Command.run([
            "git", "-C", Repository.root.path, "grep", "-hoE", "\"(vexport|process)_[a-z0-9_]+\"", "--", "Sources",
        ])
        let there = Set(sources.split(separator: "\n").map { String($0.dropFirst().dropLast()) })
        #expect(there == Set(listed))
    }

    @Test("a real page says of each metric what the catalogue says")
    func page() throws {
        let namespace = try DaemonTests.scene()
        let daemon = try DaemonTests.serve(namespace, "--links.detail", "full")
        let page = try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
        #expect(daemon.stop() == 0)
        let rows = Dictionary(
            uniqueKeysWithValues: Catalogue.sections.flatMap(\.rows).map { ($0.metric.name, $0.metric) })
        var shown: Set<String> = []
        for line in page.split(separator: "\n") {
            let name = String(
                line.drop { $0 == "#" || $0 == " " }.dropFirst(line.hasPrefix("#") ? 5 : 0)
                    .prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            let metric = try #require(rows[name], "\(name) is not in the catalogue")
            shown.insert(name)
            if line.hasPrefix("# TYPE ") {
                #expect(line.hasSuffix(metric.kind == .counter ? " counter" : " gauge"), "\(line)")
            } else if line.hasPrefix("# HELP ") {
                #expect(line == "# HELP \(name) \(metric.help)")
            } else {
                let labels = line.matches(of: /[{,]([a-z_]+)="/).map { String($0.1) }
                #expect(Set(labels).isSubset(of: metric.labels + ["device"]), "\(line)")
            }
        }
        #expect(shown.count > 90)
    }
}
