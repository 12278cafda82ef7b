import Foundation
import Logging
import Synchronization
import TestSupport

@testable import PluginHost
@testable import VexportCore

/// Plugins in a host of their own, and what a scrape would see of them.
final class Hosted {
    let folder: Folder
    let log = LogLines()
    let host: PluginHost
    let pipeline = Pipeline()
    private let board = ForeignBoard()

    init(_ settings: [PluginSettings], in folder: Folder) throws {
        self.folder = folder
        let log = log
        host = try PluginHost(
            settings, taken: ["process_open_fds"], board: board, journal: pipeline.journal,
            logger: Logger(label: "test") { _ in log }, enrich: pipeline.enrichmentTaker)
        pipeline.performAndWait { [host] in $0.addObserver(host) }
        host.start()
    }

    /// A single one, whose program is a shell script.
    convenience init(_ script: String, _ change: (inout PluginSettings) -> Void = { _ in }) throws {
        let folder = try Folder()
        var settings = try folder.plugin("p", script)
        change(&settings)
        try self.init([settings], in: folder)
    }

    deinit {
        host.stop()
    }

    /// What scrapes see.
    var page: String {
        var sink = SampleSink()
        host.collect(into: &sink)
        board.collect(into: &sink)
        return String(decoding: SinkText.render(sink, .text), as: UTF8.self)
    }

    /// Has a tick of links of these names and kinds, whose indexes count up from 1.
    ///
    /// - Returns: the page of the tick.
    @discardableResult
    func tick(_ links: KeyValuePairs<String, LinkKind>) -> String {
        pipeline.performAndWait { pipeline in
            let states = links.enumerated().map { number, link in
                (Int32(number + 1), LinkState(name: EscapedText(link.key.utf8), kind: link.value))
            }
            if pipeline.inventory.links.isEmpty {
                _ = pipeline.apply([.dumped(in: nil, states)], at: .now)
            } else {
                let gone = Set(pipeline.inventory.links.keys).subtracting(states.map(\.0))
                let changes =
                    states.map { LinkChange.announced(in: nil, index: $0, $1) }
                    + gone.map { .deleted(in: nil, index: $0) }
                _ = pipeline.apply(changes, at: .now)
            }
            pipeline.ingest(TickSamples(), scheduled: true)
        }
        let frame = pipeline.frames.latest!
        var exposition = TextExposition(frame: frame, others: SampleSink(), format: .text)
        var page: [UInt8] = []
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            while case let count = exposition.render(into: buffer), count > 0 { page += buffer[..<count] }
        }
        return String(decoding: page, as: UTF8.self)
    }

    /// Waits until scrapes see a line.
    func wait(for line: String) throws {
        try TestSupport.wait("'\(line)' on \(page) with \(log.all)") {
            page.split(separator: "\n").contains { $0 == line }
        }
    }
}

/// A directory that is gone with the test.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("vxplugin-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(path, 0o755)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file as programs should, in one step.
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/.\(name)"))
        chmod("\(path)/.\(name)", mode)
        rename("\(path)/.\(name)", "\(path)/\(name)")
    }

    func plugin(_ name: String, _ script: String) throws -> PluginSettings {
        try program(name, "#!/bin/sh\n" + script + "\n")
    }

    /// A plugin in Python that speaks the line protocol and has said hello: `answer(question)` is called for each line
    /// after that.
    func streamPlugin(_ name: String, _ body: String) throws -> PluginSettings {
        var settings = try program(
            name,
            """
            #!/usr/bin/env python3
            import json, os, signal, sys, time
            def say(**line): print(json.dumps(line), flush=True)
            greeting = json.loads(sys.stdin.readline())
            say(type="hello", protocol=1)
            \(body)
            for line in sys.stdin: answer(json.loads(line))

            """)
        settings.mode = .stream
        settings.backoff.first = .milliseconds(10)
        return settings
    }

    private func program(_ name: String, _ text: String) throws -> PluginSettings {
        try write(name, text, mode: 0o755)
        var settings = PluginSettings(name: name, command: ["\(path)/\(name)"], hooks: [.collect])
        (settings.interval, settings.timeout) = (.milliseconds(200), .seconds(5))
        return settings
    }
}
