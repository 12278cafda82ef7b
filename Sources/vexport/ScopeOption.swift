import ArgumentParser
import LinkCollector

/// `--links.namespaces`.
struct ScopeOption: ParsableArguments {
    @Option(
        name: .customLong("links.namespaces"),
        help: "Which network namespaces' links: all, as far as vexport may, or own for the one it runs in.")
    var namespaces = LinkCollector.Scope.all
}
