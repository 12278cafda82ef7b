import ArgumentParser
import HostCollector
import LinkCollector
import Logging
import Notifier
import PluginHost
import VexportCore

/// `vexport check`: what would work here, and what not.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration, the kernel and the rights: what works, what does not, what that costs.",
        discussion: """
            Tries everything, each plugin once, with the rights of whoever runs it: run it as the daemon's user, with \
            the daemon's capabilities, to learn about the daemon. Exit status 1 when something is wrong or missing.
            """)

    @OptionGroup var config: ConfigOption

    @Flag(name: .customLong("config.only"), help: "Check the configuration alone, as before it is put in its place.")
    var checksConfigOnly = false

    @Flag(
        name: .customLong("config.reference"),
        help: "Print a table of all keys of the configuration, in Markdown, and check nothing.")
    var printsReference = false

    @Flag(
        name: .customLong("config.example"),
        help: "Print a configuration with every key, its default and its meaning, and check nothing.")
    var printsExample = false

    func run() async throws {
        try await CommandFailure.reported("check") { try await check() }
    }

    private func check() async throws {
        if printsReference { return try StandardOutput.write(ConfigReference.markdown()) }
        if printsExample { return try StandardOutput.write(ConfigReference.example()) }
        let file = config.file
        var features: [Feature]
        var plugins: [PluginSettings] = []
        var receivers: [String: [Channel]] = [:]
        do throws(ConfigError) {
            let config = try file.read()
            (plugins, receivers) = (config.pluginSettings, config.alertSettings.receivers)
            features = [
                Feature("configuration", .works(facts: file.isThere ? file.path : "the defaults"))
            ]
        } catch {
            let reason = error.lines.joined(separator: "\n    ")
            features = [
                Feature(
                    "configuration",
                    .missing(
                        reason: reason, cost: "vexport does not start, or keeps what it has", remedy: error.remedy))
            ]
        }
        if !checksConfigOnly {
            features += receivers.sorted { $0.key < $1.key }.compactMap(Self.lackOfFiles)
            features += LinkCollector.probe(.init()) + HostCollector.probe()
            let taken = Catalogue.claimedNames(withNodeExporter: false)
            let logger = Logger(label: "vexport") { _ in LineLogHandler(format: .logfmt, level: .warning) }
            let wantsLinks = plugins.contains { $0.hooks.contains(.enrich) }
            let links = wantsLinks ? try await KernelReading.frame(Exposure(), .all, logger: logger)?.links : nil
            features += try plugins.map { try PluginHost.tryOut($0, taken: taken, links: links, logger: logger) }
        }
        try StandardOutput.write(Self.text(features))
        let isComplete = features.allSatisfy { if case .works = $0.state { true } else { false } }
        if !isComplete { throw ExitCode(1) }
    }

    /// Of a receiver whose files can't be read, by whoever runs this.
    private static func lackOfFiles(_ receiver: String, _ channels: [Channel]) -> Feature? {
        let problems = channels.flatMap { $0.fileProblems() }
        guard !problems.isEmpty else { return nil }
        return Feature(
            "receiver \(EscapedText(receiver.utf8))",
            .missing(
                reason: problems.joined(separator: "\n    "), cost: "no alerts by these channels",
                remedy: "files that vexport may read, a secret on one line; or other paths"))
    }

    /// One line for what works, three or more for what does not; what is said of each begins in the same column.
    static func text(_ features: [Feature]) -> String {
        let width = features.map(\.name.count).max() ?? 0
        return features.map { feature in
            let name = feature.name + String(repeating: " ", count: width - feature.name.count)
            switch feature.state {
            case .works(let facts):
                return facts.isEmpty ? "ok       \(feature.name)\n" : "ok       \(name)  \(facts)\n"
            case .missing(let reason, let cost, let remedy):
                return "MISSING  \(name)  \(reason)\n    costs: \(cost)\n    needs: \(remedy)\n"
            }
        }.joined()
    }
}
