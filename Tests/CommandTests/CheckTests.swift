import Foundation
import TestSupport
import Testing
import VexportCore

@testable import vexport

/// `vexport check`: what it says, and what it advises.
struct CheckTests {
    @Test("what is said begins in one column, however long names are")
    func columns() {
        let features = [
            Feature("links", .works(facts: "12")), Feature("plugin my-python", .works(facts: "2 series")),
            Feature("events there", .works(facts: "")),
            Feature("plugin b", .missing(reason: "it failed", cost: "little", remedy: "patience")),
        ]
        #expect(
            Check.text(features) == """
                ok       links             12
                ok       plugin my-python  2 series
                ok       events there
                MISSING  plugin b          it failed
                    costs: little
                    needs: patience

                """)
    }

    /// What it says of a configuration, and its status.
    private func check(_ config: String, _ options: String = "") throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("vxc\(UUID()).yaml").path
        defer { unlink(path) }
        try Data(config.utf8).write(to: URL(fileURLWithPath: path))
        return try Command.run("sh", "-c", "\(Command.vexport) check --config.file \(path) \(options); echo status $?")
    }

    @Test("a configuration that is not there is to be made, one that is wrong to be mended")
    func configuration() throws {
        let missing = try Command.run(
            "sh", "-c", "\(Command.vexport) check --config.only --config.file /nowhere/c.yaml; echo status $?")
        #expect(
            missing == """
                MISSING  configuration  /nowhere/c.yaml: No such file or directory
                    costs: vexport does not start, or keeps what it has
                    needs: create the file, or pass another path by --config.file
                status 1

                """)
        try #expect(check("links: 1", "--config.only").contains("\n    needs: mend the file\n"))
    }

    @Test("a plugin that is not there is to be installed, and is no fault of its author")
    func plugins() throws {
        let text = try check(
            """
            plugins:
              - {name: a, command: [/nowhere/a]}
              - {name: b, library: /nowhere/b}
              - {name: c, command: [/bin/false]}
            """)
        let needs = text.split(separator: "\n").drop { !$0.hasPrefix("MISSING  plugin a") }
            .filter { $0.hasPrefix("    needs: ") }
        #expect(
            needs == [
                "    needs: install the plugin, or correct 'command' in the configuration",
                "    needs: install the plugin, or correct 'library' in the configuration",
                "    needs: the plugin's author",
            ], "\(text)")
    }

    @Test("receivers whose secrets can't be read are told of, with the files, but for what is in them")
    func secrets() throws {
        let secret = FileManager.default.temporaryDirectory.appendingPathComponent("vxs\(UUID())").path
        defer { unlink(secret) }
        try Data("hunter2\nhunter3\n".utf8).write(to: URL(fileURLWithPath: secret))
        let config = """
            route: {receiver: ops}
            receivers:
              - name: ops
                slack: [{url_file: /nowhere/slack}]
                webhook:
                  - {url: "http://127.0.0.1:1/", username: me, password_file: \(secret), ca_file: /nowhere/ca}
                template: [{preset: pagerduty, secret_file: /nowhere/pagerduty}]
              - {name: well, webhook: [{url: "http://127.0.0.1:1/", bearer_token_file: /etc/hostname}]}
            """
        let text = try check(config)
        for problem in [
            "slack url_file /nowhere/slack: No such file or directory\n",
            "webhook password_file \(secret): more than a line\n",
            "webhook ca_file /nowhere/ca: No such file or directory\n",
            "template secret_file /nowhere/pagerduty: No such file or directory\n",
        ] {
            #expect(text.contains(problem), "\(text)")
        }
        #expect(text.contains("\nMISSING  receiver ops ") && text.hasSuffix("status 1\n"))
        #expect(!text.contains("hunter") && !text.contains("receiver well"))
        try #expect(check(config, "--config.only").hasSuffix("\nstatus 0\n"))
    }
}
