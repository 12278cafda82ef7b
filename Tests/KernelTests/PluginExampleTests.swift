import Foundation
import TestSupport
import Testing

/// The plugins in examples/plugins, and those that `vexport plugin new` writes, in a daemon.
@Suite(.serialized) struct PluginExampleTests {
    /// Puts the examples where only root may write, as they are to be installed.
    private func install(_ directory: String) throws {
        let root = Repository.root.path
        try Command.run(["cp", "\(root)/examples/plugins/conntrack", "\(root)/examples/plugins/tenants", directory])
        try compile("\(root)/examples/plugins/softnet.c", to: "\(directory)/softnet.so")
        try Command.run([
            "swiftc", "-static-stdlib", "-warnings-as-errors", "-o", "\(directory)/lifetimes",
            "\(root)/examples/plugins/lifetimes.swift",
        ])
    }

    private func compile(_ source: String, to library: String) throws {
        try Command.run([
            "cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-I",
            Repository.root.appendingPathComponent("packaging/include").path, "-o", library, source,
        ])
    }

    @Test("the examples in C, shell, Python and Swift collect, enrich, observe and deliver")
    func examples() throws {
        let site = try AlertSite()
        let directory = site.directory
        try install(directory)
        for (name, value) in [("nf_conntrack_count", "7"), ("nf_conntrack_max", "100"), ("t.json", #"{"p0": "blue"}"#)]
        {
            try Data("\(value)\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
        }
        try site.configure(
            """
            plugins:
              - {name: softnet, library: \(directory)/softnet.so, interval: 1s, timeout: 1s}
              - name: conntrack
                command: [\(directory)/conntrack]
                interval: 1s
                timeout: 1s
                env: {CONNTRACK_DIRECTORY: \(directory)}
              - name: tenants
                command: [\(directory)/tenants, \(directory)/t.json, \(directory)/told]
                hooks: [enrich, deliver]
                mode: stream
                interval: 1s
                timeout: 1s
              - name: lifetimes
                command: [\(directory)/lifetimes]
                hooks: [observe, collect]
                mode: stream
                interval: 1s
                timeout: 1s
            rules:
              - alert: NoCarrier
                value: vexport_link_carrier
                below: 1
                links: {name: "p*"}
                annotations: {summary: "{{device}} of {{tenant}}"}
            route: {receiver: file, group_wait: 1s, group_interval: 1s}
            receivers: [{name: file, plugin: [{name: tenants}]}]
            """)
        try site.addPairs(2)
        let daemon = try site.serve()
        func page() throws -> String {
            try site.namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
        }
        try wait("the plugins", seconds: 15) {
            let page = (try? page()) ?? ""
            return page.contains("\nsoftnet_dropped_packets_total{cpu=\"0\"} ")
                && page.contains("\nconntrack_entries 7\n") && page.contains("\nlink_lifetime_seconds_count 0\n")
                && page.contains(#",tenant="blue"} 1"#)
        }
        let text = try page()
        try Command.run(["promtool", "check", "metrics"], input: text)
        for name in ["softnet", "conntrack", "tenants", "lifetimes"] {
            #expect(text.contains("vexport_plugin_up{plugin=\"\(name)\"} 1\n"))
        }
        #expect(text.matches(of: /tenant="blue"/).count == text.matches(of: /_info\{device="p0"/).count)
        let dump = try JSONSerialization.jsonObject(with: Data(site.vexport("dump", "--format", "json").utf8))
        let links = try #require((dump as? [String: Any])?["links"] as? [[String: Any]])
        let labels = links.first { $0["name"] as? String == "p0" }?["labels"] as? [String: String]
        #expect(labels == ["tenant": "blue"])
        #expect(try site.vexport("dump").contains("tenant=blue"))

        try site.namespace.ip("link add short0 type bridge")
        try site.namespace.ip("link del short0")
        try wait("the end of a short life", seconds: 15) {
            let page = (try? page()) ?? ""
            return page.contains("\nlink_lifetime_seconds_bucket{le=\"60.0\"} 1\n")
        }

        try site.namespace.ip("link set q0 down")
        try wait("the alert", seconds: 15) {
            let told = try? String(contentsOfFile: "\(directory)/told", encoding: .utf8)
            return told?.hasSuffix(" firing NoCarrier p0\n") == true
        }
        let alerts = try site.namespace.run(
            "curl", "-sf", "--unix-socket", site.namespace.socket, "http://vexport/api/v1/alerts")
        #expect(alerts.contains("p0 of blue"), "\(alerts)")
        #expect(daemon.stop() == 0)
    }

    @Test("what `vexport plugin new` writes works as it is", arguments: ["c", "python", "shell"])
    func starters(language: String) throws {
        let site = try AlertSite()
        func run(_ command: String) throws -> String {
            try Command.run("sh", "-c", "cd \(site.directory) && umask 022 && { \(command); } 2>&1; echo status $?")
        }
        let advice = try run("\(DaemonTests.binary) plugin new my-own --language \(language)")
        #expect(advice.hasSuffix("status 0\n") && advice.contains("plugins: [{name: my-own, "))
        let again = try run("\(DaemonTests.binary) plugin new my-own --language \(language)")
        #expect(again.contains(" is there already ") && again.hasSuffix("status 3\n"))
        if language == "c" { try compile("\(site.directory)/my-own/my-own.c", to: "\(site.directory)/my-own/my-own") }
        // As the advice says, but where it is.
        let entry = try #require(advice.split(separator: "\n").first { $0.contains("plugins:") })
            .drop { $0 != "p" }.replacing("/usr/lib/vexport/plugins/my-own", with: "\(site.directory)/my-own/my-own")
        try site.configure(String(entry))
        let check = try run("\(DaemonTests.binary) check --config.file \(site.directory)/config.yaml")
        #expect(check.contains(#/ok       plugin my-own .*1 series in \d+ ms: my_own_[a-z_]+\n/#), "\(check)")
    }
}
