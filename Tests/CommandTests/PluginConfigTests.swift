import PluginHost
import TestSupport
import Testing
import VexportCore

@testable import vexport

/// `plugins` and `collectors` of the configuration.
struct PluginConfigTests {
    private func read(_ text: String) throws(ConfigError) -> Config {
        try ConfigFile.parse(Array(text.utf8), path: "c.yaml")
    }

    @Test("every key is read")
    func everything() throws {
        let config = try read(
            """
            collectors: {textfile: {directories: [/a, "/b/*"], interval: 9s, max_series: 5}}
            plugins:
              - name: one-1
                command: [/bin/one, --fast, "a b"]
                hooks: [collect]
                mode: interval
                interval: 30s
                timeout: 2s
                max_output: 4KiB
                max_series: 7
                user: nobody
                env: {A: "1"}
              - {name: two, command: [/bin/two], mode: stream, hooks: [enrich, deliver]}
              - {name: three, library: /lib/three.so, hooks: [collect, observe]}
            route: {receiver: ops}
            receivers: [{name: ops, plugin: [{name: two, send_resolved: false}]}]
            """)
        #expect(config.collectors.textfile.directories == ["/a", "/b/*"])
        #expect(config.collectors.textfile.interval == .seconds(9))
        #expect(config.collectors.textfile.mostSeries == 5)
        var one = PluginSettings(name: "one-1", command: ["/bin/one", "--fast", "a b"], hooks: [.collect])
        (one.interval, one.timeout, one.mostOutput, one.mostSeries) = (.seconds(30), .seconds(2), 4096, 7)
        (one.user, one.environment) = ("nobody", ["A": "1"])
        var two = PluginSettings(name: "two", command: ["/bin/two"], hooks: [.enrich, .deliver])
        two.mode = .stream
        let three = PluginSettings(name: "three", library: "/lib/three.so", hooks: [.collect, .observe])
        #expect(three.mode == .stream && three.command.last == "/lib/three.so")
        #expect(config.pluginSettings == [one, two, three])
        #expect(config.alertSettings.receivers["ops"]?.map(\.kind) == [.plugin("two")])
    }

    @Test(
        "a plugin that makes no sense is refused with its place",
        arguments: [
            ("{command: [/bin/x]}", "a plugin without 'name'"),
            ("{name: a/b, command: [/bin/x]}", "expected a name of letters, digits, _ and -, got 'a/b'"),
            ("{name: a}", "expected 'command', which begins with a program's absolute path"),
            ("{name: a, command: [x]}", "expected 'command', which begins with a program's absolute path"),
            ("{name: a, library: x.so}", "or 'library', which is one"),
            ("{name: a, library: /x.so, command: [/bin/x]}", "expected 'command'"),
            ("{name: b, command: [/bin/x]}, {name: b, command: [/bin/x]}", "a second plugin named 'b'"),
            ("{name: a, command: [/bin/x], timeout: 20s}", "'timeout' is longer than 'interval'"),
            ("{name: a, command: [/bin/x], hooks: [collect, collect]}", "expected hooks, each once"),
            (
                "{name: a, command: [/bin/x], hooks: [colect]}",
                "expected collect or enrich or observe or deliver, got 'colect'"
            ),
            ("{name: a, command: [/bin/x], hooks: [collect, enrich]}", "expected one hook"),
            ("{name: a, command: [/bin/x], hooks: [deliver]}", "the hook deliver needs 'mode: stream'"),
        ])
    func wrong(entry: String, message: String) {
        let error = #expect(throws: ConfigError.self) { try read("plugins: [\(entry)]") }
        #expect(error?.lines.count == 1)
        #expect(error?.lines.first?.contains(message) == true, "\(error?.lines ?? [])")
    }

    @Test("a receiver's plugin must be there, with the hook deliver, and has no address")
    func receiver() {
        for (channel, message) in [
            ("{name: a}", "expected 'name' of a plugin with the hook deliver, got 'a'"),
            ("{name: b, url: \"http://x/\"}", "a plugin has no url, and none of its settings"),
        ] {
            let error = #expect(throws: ConfigError.self) {
                try read(
                    """
                    plugins: [{name: a, command: [/bin/x]}, {name: b, command: [/bin/x], mode: stream, hooks: [deliver]}]
                    receivers: [{name: ops, plugin: [\(channel)]}]
                    """)
            }
            #expect(error?.lines.first?.contains(message) == true, "\(error?.lines ?? [])")
        }
    }
}
