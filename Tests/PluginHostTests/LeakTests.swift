import Foundation
import TestSupport
import Testing

@testable import PluginHost

/// What is left of plugins that were started again and again.
@Suite(.serialized) struct LeakTests {
    /// Of each plugin.
    private let runs = ProcessInfo.processInfo.environment["VEXPORT_SOAK"] == "1" ? 1_000 : 20

    private func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    /// Pages of memory that are the process' own. Source: proc(5), statm: resident without shared.
    private func pages() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return Int(fields[1])! - Int(fields[2])!
    }

    @Test("restarts leave no process, descriptor, zombie or memory behind, whichever way plugins end")
    func restarts() throws {
        let folder = try Folder()
        let mark = "33\(getpid())7"
        var plugins = try (0..<3).map { try folder.plugin("leaves\($0)", "sleep \(mark) & echo 'x{n=\"\($0)\"} 1'") }
        plugins.append(try folder.plugin("hides", "setsid sleep \(mark) & echo 'y 1'"))
        plugins.append(try folder.plugin("floods", "exec cat /dev/zero"))
        for (name, script) in [
            ("ends", "read -r line; echo '{\"type\":\"hello\",\"protocol\":1}'; read -r line"),
            ("crashes", "read -r line; kill -SEGV $$"),
            ("errs", "echo '{'; sleep \(mark) & read -r line; exec echo '{\"type\":\"hello\",\"protocol\":2}'"),
        ] {
            var settings = try folder.plugin(name, script)
            settings.mode = .stream
            settings.backoff.first = .milliseconds(10)
            settings.backoff.longest = .milliseconds(10)
            plugins.append(settings)
        }
        for number in plugins.indices { plugins[number].interval = .milliseconds(50) }
        let before = try descriptors()
        do {
            let hosted = try Hosted(plugins, in: folder)
            func restarts(_ plugin: String) -> Int {
                let line = hosted.page.split(separator: "\n").first {
                    $0.hasPrefix("vexport_plugin_restarts_total{plugin=\"\(plugin)\"}")
                }
                return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
            }
            func haveRun(_ count: Int) -> Bool { plugins.allSatisfy { restarts($0.name) >= count } }
            try wait("the first runs", seconds: 60) { haveRun(runs / 4) }
            let pagesBefore = try pages()
            try wait("all runs", seconds: 600) { haveRun(runs) }
            // 4 MiB: what the allocator holds back, and no more for a thousand restarts than for twenty.
            #expect(try pages() - pagesBefore < 1_024)
        }
        // The pipeline may hold the host for a moment more.
        try wait("the descriptors' end") { try descriptors() <= before }
        #expect((try? Command.run(["pgrep", "-f", "sleep \(mark)"])) == nil)
        let zombies = try Command.run(["ps", "--ppid", "\(getpid())", "-o", "stat="])
        #expect(!zombies.contains("Z"), "\(zombies)")
    }
}
