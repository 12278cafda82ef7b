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
    private let board = ForeignBoard()

    init(_ settings: [PluginSettings], in folder: Folder) throws {
        self.folder = folder
        let log = log
        host = try PluginHost(
            settings, taken: ["process_open_fds"], board: board, logger: Logger(label: "test") { _ in log })
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
        try write(name, "#!/bin/sh\n" + script + "\n", mode: 0o755)
        var settings = PluginSettings(name: name, command: ["\(path)/\(name)"], hook: .collect)
        (settings.interval, settings.timeout) = (.milliseconds(200), .seconds(5))
        return settings
    }
}

/// Keeps what is logged.
final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    func contains(_ part: String) -> Bool { all.contains { $0.contains(part) } }

    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.withLock { $0.append(([event.message.description] + values).joined(separator: " ")) }
    }
}
