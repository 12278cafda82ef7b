import Foundation
import Logging
import TestSupport
import Testing

@testable import PluginHost
@testable import VexportCore

/// Metrics that others write to files.
@Suite(.serialized) struct TextfileTests {
    private func paths(_ reading: TextDirectory.Reading) -> [String] {
        reading.files.map { URL(fileURLWithPath: $0.path).lastPathComponent }
    }

    @Test("a bad file costs only itself, and nothing but *.prom is read")
    func badFile() throws {
        let folder = try Folder()
        try folder.write("good.prom", "backup_age_seconds 3\n")
        try folder.write("half.prom", "backup_age_seconds 3\nbackup_si")
        try folder.write("stamped.prom", "stamped 3 1795496005250\n")
        try folder.write("notes.txt", "not metrics")
        mkfifo(folder.path + "/fifo.prom", 0o644)
        mkdir(folder.path + "/directory.prom", 0o755)
        symlink(folder.path + "/nothing", folder.path + "/dangling.prom")
        var directory = TextDirectory()
        let reading = directory.read([folder.path])
        #expect(paths(reading) == ["good.prom"])
        #expect(reading.files[0].families[0].help == "Metric read from \(folder.path)/good.prom")
        #expect(
            reading.problems == [
                "\(folder.path)/directory.prom: not a regular file",
                "\(folder.path)/fifo.prom: not a regular file",
                "\(folder.path)/half.prom: line 2: the last line has no end: it may have been cut off",
                "\(folder.path)/stamped.prom: line 1: a timestamp, which is not allowed here",
            ])
    }

    @Test("directories may be patterns; one that is not there is a problem, a pattern that fits nothing too")
    func patterns() throws {
        let folder = try Folder()
        for name in ["b", "a"] {
            mkdir("\(folder.path)/\(name)", 0o755)
            try Data("\(name) 1\n".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)/\(name).prom"))
        }
        var directory = TextDirectory()
        #expect(paths(directory.read([folder.path + "/?"])) == ["a.prom", "b.prom"])
        let missing = directory.read([folder.path + "/none", folder.path + "/x*"])
        #expect(
            missing.problems.count == 2
                && missing.problems[0].hasSuffix("none: open the directory: No such file or directory"))
    }

    @Test("scrapes see what a file says now, its time of change, and an error while one can't be read")
    func collector() throws {
        let folder = try Folder()
        try folder.write("a.prom", "# HELP x Of a.\n# TYPE x gauge\nx{f=\"a\"} 1\n")
        try folder.write("b.prom", "# TYPE x gauge\nx{f=\"b\"} 1\nx{f=\"a\"} 5\n")
        var options = TextfileCollector.Options()
        (options.directories, options.interval) = ([folder.path], .milliseconds(20))
        let (board, log) = (ForeignBoard(), LogLines())
        let collector = TextfileCollector(
            options: options, taken: [], board: board, logger: Logger(label: "test") { _ in log })
        collector.start()
        defer { collector.stop() }
        func page() -> String {
            var sink = SampleSink()
            collector.collect(into: &sink)
            board.collect(into: &sink)
            return String(decoding: SinkText.render(sink, .text), as: UTF8.self)
        }
        try wait("both") { page().hasSuffix("# HELP x Of a.\n# TYPE x gauge\nx{f=\"a\"} 1\nx{f=\"b\"} 1\n") }
        // Two files have a series: that is a mistake of theirs.
        try wait("the error") {
            page().contains("\nvexport_textfile_scrape_error 1\n") && log.contains("x: another has this series")
        }
        try folder.write("b.prom", "# TYPE x gauge\nx{f=\"b\"} 2\n")
        let time = try FileManager.default.attributesOfItem(atPath: folder.path + "/b.prom")[.modificationDate] as? Date
        try wait("the change") {
            page().contains("x{f=\"b\"} 2\n") && page().contains("\nvexport_textfile_scrape_error 0\n")
        }
        let line = page().split(separator: "\n").first { $0.contains("/b.prom\"}") }
        let shown = try #require(line?.split(separator: " ").last.flatMap { Double($0) })
        #expect(abs(shown - time!.timeIntervalSince1970) < 0.001)
        unlink(folder.path + "/a.prom")
        unlink(folder.path + "/b.prom")
        try wait("the end") { !page().contains("x{") && !page().contains("mtime_seconds{") }
    }
}
