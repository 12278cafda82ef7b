/// What of the links is exposed: which of them, how much of each, and how many series at most.
public struct Exposure: Equatable, Sendable {
    /// A link is exposed when one of these matches it; all are when there is none. Source: `links.include`.
    public var include: [LinkPattern] = []
    /// Unless one of these does. Source: `links.exclude`.
    public var exclude: [LinkPattern] = []
    /// Series of all links together, at most. Source: `links.series_budget`.
    public var seriesBudget = 250_000
    /// Source: `links.detail`.
    public var detail: LinkDetail

    /// Whether the far ends of veths, in other namespaces, have series of their own, though their bytes and packets are
    /// those of the near ends. Source: `links.far_ends`.
    public var farEnds = false

    /// Whether links are shown under node_exporter's names too. Source: `--compat.node-exporter`.
    public var showsNodeExporter: Bool

    public init(detail: LinkDetail = .basic, showsNodeExporter: Bool = false) {
        self.detail = detail
        self.showsNodeExporter = showsNodeExporter
    }

    /// The metrics that links have.
    var table: LinkTable { showsNodeExporter ? .withNodeExporter : .own }

    /// - Parameter namespace: the label of the link's namespace; nil for vexport's own.
    func selects(_ link: LinkState, in namespace: EscapedText?) -> Bool {
        (include.isEmpty || include.contains { $0.matches(link, namespace) })
            && !exclude.contains { $0.matches(link, namespace) }
    }
}

/// How much of a link is exposed.
public enum LinkDetail: String, CaseIterable, Sendable {
    /// Bytes, packets, errors, drops, multicast, no-handler, carrier; for physical links all.
    case basic
    /// All of struct rtnl_link_stats64 and of the link's settings.
    case full
}

/// Some links, by what they look like. What is nil does not matter.
public struct LinkPattern: Equatable, Sendable {
    /// A name as vexport shows it, with `*` for any text and `?` for any character.
    public var name: String?
    /// Source: `vexport_link_info`'s label.
    public var kind: String?
    /// The namespace's label, with `*` and `?`. The own namespace has none, which only `*` matches.
    public var namespace: String?

    public init() {}

    func matches(_ link: LinkState, _ label: EscapedText?) -> Bool {
        matches(name: link.name.description, kind: link.kind.name, namespace: label?.description ?? "")
    }

    func matches(name: String, kind: String, namespace: String) -> Bool {
        (self.name.map { Glob.matches($0, name) } ?? true) && (self.kind.map { $0 == kind } ?? true)
            && (self.namespace.map { Glob.matches($0, namespace) } ?? true)
    }
}

/// Patterns with `*` and `?`.
enum Glob {
    /// O(pattern × text), whatever the pattern.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let (pattern, text) = (Array(pattern.unicodeScalars), Array(text.unicodeScalars))
        var (place, position) = (0, 0)
        /// Where the last star was, and what of the text comes after what it stands for.
        var star: (place: Int, position: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, position)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[position] {
                place += 1
                position += 1
            } else if let last = star {
                // Let the star stand for one more.
                star = (last.place, last.position + 1)
                (place, position) = (last.place + 1, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
