import Foundation
import TestSupport
import Testing

/// The daemon with text files and plugins, as its users run it.
@Suite(.serialized) struct PluginTests {
    /// A directory with a text file, a plugin and a configuration that names both.
    private struct Setup {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("vxplugins-\(UUID())").path
        var config: String { path + "/config.yaml" }

        init() throws {
            try FileManager.default.createDirectory(atPath: path + "/text", withIntermediateDirectories: true)
            try write(
                "text/backup.prom",
                "# HELP backup_age_seconds Age.\n# TYPE backup_age_seconds gauge\nbackup_age_seconds 7\n")
            try write("tenants", "#!/bin/sh\nprintf '# HELP tenants Tenants.\\n# TYPE tenants gauge\\ntenants 3\\n'\n")
            try write("broken", "#!/bin/sh\necho 'process_open_fds 1'\nexit 4\n")
            try configure("tenants")
        }

        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
            chmod("\(path)/\(name)", 0o755)
        }

        func configure(_ plugins: String...) throws {
            let entries = plugins.map { "  - {name: \($0), command: [\(path)/\($0)], interval: 1s, timeout: 1s}\n" }
            try write(
                "config.yaml",
                "collectors: {textfile: {directories: [\(path)/text], interval: 1s}}\nplugins:\n" + entries.joined())
        }

        func remove() { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test("promtool and Python's parser take pages with metrics from outside, and a reload starts and ends plugins")
    func page() throws {
        let setup = try Setup()
        defer { setup.remove() }
        let namespace = try DaemonTests.scene()
        let daemon = try DaemonTests.serve(namespace, "--config.file", setup.config)
        func page(_ options: String...) throws -> String {
            try Command.run(
                ["ip", "netns", "exec", namespace.name, "curl", "-sf", "http://127.0.0.1:10119/metrics"] + options)
        }
        try wait("both") {
            let page = try page()
            return page.contains("\ntenants 3\n") && page.contains("\nbackup_age_seconds 7\n")
        }
        let text = try page()
        try Command.run(["promtool", "check", "metrics"], input: text)
        // What the daemon says of itself may come in between.
        try wait("the same series in both formats") {
            let open = try page("-H", "Accept: application/openmetrics-text; version=1.0.0")
            let series = try page().split(separator: "\n").filter { !$0.hasPrefix("#") }.count
            return try OpenMetricsParser.sampleCount(open) == series
        }

        try setup.configure("broken")
        try namespace.run("curl", "-sf", "-X", "POST", "--unix-socket", namespace.socket, "http://vexport/-/reload")
        try wait("the other plugin") {
            let page = try page()
            return page.contains("vexport_plugin_up{plugin=\"broken\"} 0") && !page.contains("tenants")
        }
        #expect(daemon.stop() == 0)
        #expect(daemon.rest().contains("msg=\"the plugin failed: exit status 4\" plugin=broken"))
    }

    @Test("vexport check runs each plugin once and says what it returned")
    func check() throws {
        let setup = try Setup()
        defer { setup.remove() }
        try setup.configure("tenants", "broken")
        let text = try Command.run(
            "bash", "-c", "\(DaemonTests.binary) check --config.file \(setup.config); echo status $?")
        #expect(text.contains(#/ok       plugin tenants    1 series in \d+ ms: tenants\n/#), "\(text)")
        #expect(text.contains("MISSING  plugin broken     the plugin failed: exit status 4\n"))
        #expect(text.hasSuffix("status 1\n"))
    }
}
