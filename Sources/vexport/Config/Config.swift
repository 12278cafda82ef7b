import Glibc
import LinkCollector
import VexportCore

/// The configuration file: what it may hold, and what holds without it.
struct Config: ConfigSection {
    var sampling = Sampling()
    var links = Links()
    var damping = FlapDamping()
    var storage = Storage()
    var collectors = Collectors()
    var plugins: [Placed<PluginEntry>] = []
    var rules: [Placed<RuleEntry>] = []
    var externalLabels: [String: String] = [:]
    var route = Route()
    var receivers: [Placed<Receiver>] = []

    static let keys = [
        key("sampling", \.sampling, .section, "When counters are read."),
        key("links", \.links, .section, "Which links are exposed, and how much of them."),
        key("damping", \.damping, .section, "When a link counts as flapping."),
        key("storage", \.storage, .section, "What outlives a restart: counters of links, and alerts."),
        key("collectors", \.collectors, .section, "Where metrics come from beside the kernel."),
        key("plugins", \.plugins, .list(of: .placed(.section)), "Programs that add metrics (docs/plugins.md)."),
        key("rules", \.rules, .list(of: .placed(.section)), "What fires alerts, beside the built-in rules."),
        key(
            "external_labels", \.externalLabels, .map("labels", of: .line("text")),
            "Labels of all alerts; instance is the host's name unless it is here."),
        key("route", \.route, .section, "Who is told of which alerts, and when."),
        key("receivers", \.receivers, .list(of: .placed(.section)), "Who can be told of alerts."),
    ]

    struct Sampling: ConfigSection {
        var interval = Duration.seconds(1)
        var maximumAge = Duration.milliseconds(250)
        var namespacesInterval = Duration.seconds(5)

        static let keys = [
            key(
                "interval", \.interval, .duration(.milliseconds(100)...(.seconds(3600))),
                "Time between readings of all counters."),
            key(
                "max_age", \.maximumAge, .duration(.zero...(.seconds(3600))),
                "A scrape takes a reading this old, and asks for a fresh one otherwise."),
            key(
                "namespaces_interval", \.namespacesInterval, .duration(.seconds(1)...(.seconds(3600))),
                "Time between readings of counters in other network namespaces."),
        ]
    }

    struct Links: ConfigSection {
        var exposure = Exposure()
        var namespaces = LinkCollector.Scope.all

        static let keys = [
            key(
                "namespaces", \.namespaces, .choice,
                "Which network namespaces' links: all, as far as vexport may, or own for the one it runs in. A change needs "
                    + "a restart."),
            key(
                "include", \.exposure.include, .list(of: .linkPattern),
                "Links to expose; none means all. A link is in when one pattern matches it."),
            key("exclude", \.exposure.exclude, .list(of: .linkPattern), "Links not to expose, of those included."),
            key(
                "series_budget", \.exposure.seriesBudget, .integer(0...100_000_000),
                "Series that links may have in all. New links beyond it are left out whole."),
            key("detail", \.exposure.detail, .choice, "How much of each link: full has all counters and settings."),
            key(
                "far_ends", \.exposure.farEnds, .flag,
                "Whether the far ends of veths, in other namespaces, have series too, for their drops and errors."),
        ]
    }
}

extension LinkPattern: ConfigSection {
    static let keys = [
        key("name", \.name, .text("a name, in which * and ? stand for any text and any character"), "The link's name."),
        key("kind", \.kind, .text("a kind, such as tap"), "Its kind, as `vexport_link_info` has it."),
        key(
            "netns", \.namespace, .text("a namespace's name, with * and ?"),
            "Its namespace's label; none for the own one."),
    ]
}

extension FlapDamping: ConfigSection {
    static let keys = [
        key(
            "penalty", \.penalty, .integer(1...1_000_000), "Added when a link loses its carrier while both ends are up."
        ),
        key(
            "half_life", \.halfLife, .duration(.seconds(1)...(.seconds(86_400))), "Time in which the penalty halves."),
        key("suppress", \.suppress, .integer(1...1_000_000), "From this penalty on the link flaps."),
        key("reuse", \.reuse, .integer(1...1_000_000), "Below this penalty it is calm again."),
        key("cap", \.cap, .integer(1...100), "The penalty grows to this many times suppress at most."),
    ]
}
