import FoundationEssentials
import VexportCore

/// What plugins with labels for links are asked, and what they answered. A plugin that fails keeps its labels: they are of
/// links that may well be the same still, and series that come and go cost more than labels that are old.
struct EnrichDesk {
    private struct Plugin {
        /// What it was asked about and has not answered, by number.
        var asked: [UInt64: LinkIdentity] = [:]
        /// The first number that it has not been asked about.
        var next: UInt64 = 0
        var labels: [LinkIdentity: [Label]] = [:]
    }

    private var links: FrameLinks?
    private var nextNumber: UInt64 = 0
    private var plugins: [String: Plugin] = [:]

    mutating func setLinks(_ links: FrameLinks) {
        self.links = links
        nextNumber = links.nextNumber
    }

    /// Forgets a plugin, and its labels.
    mutating func remove(_ plugin: String) { plugins[plugin] = nil }

    /// Whether there are links that the plugin has not been asked about.
    func hasNews(for plugin: String) -> Bool { (plugins[plugin]?.next ?? 0) < nextNumber }

    /// Makes a question, a list in JSON, and remembers it.
    ///
    /// - Parameter newOnly: whether it is only of links that the plugin has not been asked about.
    mutating func question(for plugin: String, newOnly: Bool) -> [UInt8] {
        let summaries = links?.summaries(from: newOnly ? plugins[plugin]?.next ?? 0 : 0) ?? []
        let asked = Dictionary(summaries.map { ($0.summary.number, $0.identity) }) { first, _ in first }
        plugins[plugin, default: Plugin()].asked = asked
        plugins[plugin]!.next = nextNumber
        if !newOnly {
            let there = Set(asked.values)
            plugins[plugin]!.labels = plugins[plugin]!.labels.filter { there.contains($0.key) }
        }
        // One by one: all at once, the encoder's own tree of them takes many times the bytes.
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let entries = summaries.compactMap { try? encoder.encode($0.summary) }
        return Array("[".utf8) + entries.joined(separator: Data(",".utf8)) + Array("]".utf8)
    }

    /// Takes in what a plugin answered to the last question.
    ///
    /// - Returns: what of it was left out, and how many links have labels by it.
    /// - Throws: when it is no answer at all; the labels stay as they were.
    mutating func take(_ json: [UInt8], of plugin: String) throws(PluginFailure) -> (losses: MetricLosses, links: Int) {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(json)) else {
            throw PluginFailure("answered with what is no list of links with labels")
        }
        var losses = MetricLosses()
        var state = plugins[plugin] ?? Plugin()
        for identity in state.asked.values { state.labels[identity] = nil }
        for entry in answer.links {
            guard let identity = state.asked[entry.link] else {
                losses.add(.unknownLink, "link \(entry.link): it was not asked about")
                continue
            }
            let labels = Enrichment.admit(entry.labels, &losses)
            state.labels[identity] = labels.isEmpty ? nil : labels
        }
        state.asked = [:]
        plugins[plugin] = state
        return (losses, state.labels.count)
    }

    /// All labels.
    ///
    /// - Parameter order: the plugins; of two who have the same label for a link, the first has it.
    func labels(in order: [String]) -> [LinkIdentity: [Label]] {
        Enrichment.join(order.compactMap { plugins[$0]?.labels })
    }

    private struct Answer: Decodable {
        struct Entry: Decodable {
            let link: UInt64
            let labels: [String: String]
        }

        let links: [Entry]
    }
}
