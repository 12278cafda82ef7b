import Foundation
import TestSupport
import Testing
import VexportCore

@testable import vexport

struct ConfigTests {
    private func read(_ text: String) throws(ConfigError) -> Config {
        try ConfigFile.parse(Array(text.utf8), path: "c.yaml")
    }

    private static let topKeys =
        "sampling, links, damping, storage, collectors, plugins, rules, external_labels, route or receivers"

    private func problems(_ text: String) -> [String] {
        do throws(ConfigError) { _ = try read(text) } catch { return error.lines }
        return []
    }

    @Test(
        "nothing, comments, and keys without values are the defaults",
        arguments: ["", "\n", "# nothing\n", "---\n", "links:\nsampling:\n", "links: ~\n", "links: {include: null}\n"])
    func defaults(text: String) throws {
        try #expect(read(text) == Config())
    }

    @Test("every key is read")
    func everything() throws {
        let config = try read(
            """
            sampling: {interval: 500ms, max_age: 1m30s}
            links:
              include:
                - {name: "tap*"}
                - {kind: veth, netns: "qrouter-?"}
              exclude: [{name: lo}]
              series_budget: 1000
              detail: full
            """)
        #expect(config.sampling.interval == .milliseconds(500))
        #expect(config.sampling.maximumAge == .seconds(90))
        var (taps, veths, loopback) = (LinkPattern(), LinkPattern(), LinkPattern())
        taps.name = "tap*"
        (veths.kind, veths.namespace) = ("veth", "qrouter-?")
        loopback.name = "lo"
        #expect(config.links.exposure.include == [taps, veths])
        #expect(config.links.exposure.exclude == [loopback])
        #expect(config.links.exposure.seriesBudget == 1000)
        #expect(config.links.exposure.detail == .full)
    }

    @Test("an anchor can be used again")
    func aliases() throws {
        let config = try read("links: {include: [&taps {name: tap*}], exclude: [*taps]}")
        #expect(config.links.exposure.include == config.links.exposure.exclude)
    }

    @Test("all that is wrong is told at once, each with its place, what was expected and what may have been meant")
    func manyProblems() {
        #expect(
            problems(
                """
                sampling:
                  intervall: 3s
                  max_age: 1x
                links:
                  detail: fulll
                  exclude: [{}, {name: "v*", knd: 3}, lo]
                recievers: []
                """) == [
                    "c.yaml:2:3: unknown key 'intervall' (did you mean 'interval'?); expected interval, max_age or "
                        + "namespaces_interval",
                    "c.yaml:3:12: expected a duration from 0s to 1h, got '1x'",
                    "c.yaml:5:11: expected basic or full, got 'fulll'",
                    "c.yaml:6:13: expected name, kind or netns: this would match every link",
                    "c.yaml:6:30: unknown key 'knd' (did you mean 'kind'?); expected name, kind or netns",
                    "c.yaml:6:39: expected name, kind or netns, got 'lo'",
                    "c.yaml:7:1: unknown key 'recievers' (did you mean 'receivers'?); expected "
                        + Self.topKeys,
                ])
    }

    @Test(
        "what is no configuration says where",
        arguments: [
            ("[1, 2]", "c.yaml:1:1: expected \(Self.topKeys), got a list"),
            ("links", "c.yaml:1:1: expected \(Self.topKeys), got 'links'"),
            ("links: {include: tap*}", "c.yaml:1:18: expected a list, got 'tap*'"),
            ("links: {a: 1, a: 2}", "c.yaml:1:15: 'a' is there twice, first in line 1"),
            ("links: {[a]: 1}", "c.yaml:1:9: expected a key"),
            ("links: !!map {}", "c.yaml:1:8: a tag (tag:yaml.org,2002:map); values are what they look like"),
            ("links: *x", "c.yaml:1:8: no anchor '&x' before this alias"),
            ("links: &x {include: [*x]}", "c.yaml:1:22: no anchor '&x' before this alias"),
            ("---\n{}\n---\n{}\n", "c.yaml:3:1: a second document; there may be one"),
            ("links:\n\tdetail: full", "c.yaml:2:1: not YAML: while scanning for the next token"),
            ("links: {detail: full", "c.yaml:2:1: not YAML: while parsing a flow mapping"),
            ("links: {series_budget: -1}", "c.yaml:1:24: expected a whole number from 0 to 100000000, got '-1'"),
            ("links: {series_budget: 1e3}", "c.yaml:1:24: expected a whole number from 0 to 100000000, got '1e3'"),
            ("sampling: {interval: 99999999999999999999s}", "c.yaml:1:22: expected a duration from 100ms to 1h"),
            ("sampling: {interval: 1s1h}", "c.yaml:1:22: expected a duration from 100ms to 1h, got '1s1h'"),
            ("sampling: {interval: 1}", "c.yaml:1:22: expected a duration from 100ms to 1h, got '1'"),
            ("sampling: {interval: 50ms}", "c.yaml:1:22: expected a duration from 100ms to 1h, got '50ms'"),
            ("links: {detail: \"x\\e[31m\"}", "c.yaml:1:17: expected basic or full, got 'x\\x1b[31m'"),
            ("links: {include: [{name: ''}]}", "c.yaml:1:26: expected a name"),
            ("storage: {memory: 512KiB}", "c.yaml:1:19: expected bytes from 1MiB to 64GiB, got '512KiB'"),
            ("storage: {memory: 99999999999GiB}", "c.yaml:1:19: expected bytes from 1MiB to 64GiB"),
            ("storage: {memory: 64}", "c.yaml:1:19: expected bytes from 1MiB to 64GiB"),
            ("storage: {tiers: []}", "c.yaml:1:18: expected 1 to 8 tiers"),
            (
                "storage: {tiers: [{interval: 1m}, {interval: 1m}]}",
                "c.yaml:1:35: expected a longer interval than the tier's before it"
            ),
        ])
    func wrong(text: String, message: String) {
        let told = problems(text)
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix(message) == true, "\(told)")
    }

    @Test("bytes that are no UTF-8 are refused with their offset")
    func notText() {
        let error = #expect(throws: ConfigError.self) {
            try ConfigFile.parse(Array("links: ".utf8) + [0xff, 0xfe], path: "c.yaml")
        }
        #expect(error?.lines.first?.contains("byte 7 of the file") == true, "\(error?.lines ?? [])")
    }

    @Test("depth, aliases that multiply, and size are bounded")
    func bounds() throws {
        let deep = String(repeating: "[", count: 10_000)
        #expect(problems("links: \(deep)").first?.contains("more than 32 sections and lists") == true)
        var bomb = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let alias = "*a\(level - 1)"
            bomb += "b\(level): &a\(level) [" + Array(repeating: alias, count: 10).joined(separator: ", ") + "]\n"
        }
        #expect(problems(bomb).first?.contains("more than 100000 values, those behind aliases included") == true)

        let path = FileManager.default.temporaryDirectory.appendingPathComponent("vx\(UUID()).yaml").path
        defer { unlink(path) }
        try Data(repeating: UInt8(ascii: "#"), count: ConfigFile.largest + 1).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ConfigError.self) { try ConfigFile(givenPath: path).read() }
        #expect(error?.lines == ["\(path): larger than 1048576 bytes"])
    }

    @Test("random bytes made of YAML's own characters never do more than throw")
    func noise() {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        print("seed \(seed)")
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let words = [
            "links", "include", "name", ":", " ", "\n", "- ", "[", "]", "{", "}", ",", "&a", "*a", "'", "\"", "|", ">",
            "!", "%",
            "#", "\\x", "\t", "~", "1s", "\u{85}", "---", "...", "?", "\0",
        ]
        for _ in 0..<20_000 {
            let text = (0..<next(24)).map { _ in words[next(words.count)] }.joined()
            for line in problems(text) { #expect(line.hasPrefix("c.yaml:"), "\(text) in seed \(seed)") }
        }
    }

    @Test("no file is the defaults, unless it was asked for; what can't be read says why")
    func files() throws {
        try #expect(ConfigFile(givenPath: "/dev/null").read() == Config())
        let missing = #expect(throws: ConfigError.self) { try ConfigFile(givenPath: "/nowhere/c.yaml").read() }
        #expect(missing?.lines == ["/nowhere/c.yaml: No such file or directory"])
        let directory = #expect(throws: ConfigError.self) { try ConfigFile(givenPath: "/tmp").read() }
        #expect(directory?.lines == ["/tmp: Is a directory"])
    }

    @Test("the reference is up to date, and the example, with every key uncommented, is the defaults")
    func reference() throws {
        #expect(
            try Repository.text("docs/configuration.md").contains(
                "-->\n\n\(ConfigReference.markdown())\n<!-- end of the reference"), "make catalogue")
        let example = ConfigReference.example()
        try #expect(read(example) == Config())
        let lines = example.split(separator: "\n", omittingEmptySubsequences: false)
        let uncommented = lines.map { $0.hasPrefix("# ") ? $0.dropFirst(2) : $0 }.dropFirst(2).joined(separator: "\n")
        #expect(uncommented.contains("\nsampling:\n") && uncommented.contains("\n  interval: 1s\n"))
        try #expect(read(uncommented) == Config())
    }

    @Test("tiers that are no finer than the readings fall away, and the first one keeps every reading")
    func tiers() throws {
        let storage = try read("storage: {memory: 100MiB, tiers: [{retention: 2h}, {interval: 10s}, {interval: 1h}]}")
            .storage
        #expect(storage.memory == 100 << 20)
        #expect(storage.tiers(every: .seconds(1)).map(\.interval) == [.seconds(1), .seconds(10), .seconds(3600)])
        #expect(storage.tiers(every: .seconds(10)).map(\.interval) == [.seconds(10), .seconds(3600)])
        #expect(storage.tiers(every: .seconds(10))[0].retention == .seconds(7200))
    }

    @Test("durations read as they are written", arguments: ["100ms", "1s", "1m30s", "1h", "2d3h4m5s6ms", "0s"])
    func durations(text: String) {
        #expect(Duration(prometheusText: text)?.prometheusText == text)
    }

    @Test(
        "a word is near what it was meant to be",
        arguments: [("intervall", "interval", 1), ("itnerval", "interval", 1), ("", "abc", 3), ("detail", "detail", 0)])
    func distance(word: String, meant: String, steps: Int) {
        #expect(Suggestion.distance(Array(word.utf8), Array(meant.utf8)) == steps)
    }
}
