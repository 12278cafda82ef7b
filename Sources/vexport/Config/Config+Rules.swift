import VexportCore

extension Config {
    /// One of `rules`.
    struct RuleEntry: ConfigSection {
        var alert: String?
        var isEnabled = true
        var finding: String?
        var event: RuleEvent?
        var rate: String?
        var value: String?
        var window: Duration?
        var above: Double?
        var below: Double?
        var links: LinkPattern?
        var hold: Duration?
        var keepFiring: Duration?
        var labels: [String: String] = [:]
        var annotations: [String: AlertTemplate] = [:]
        var isRootCause: Bool?

        static let keys = [
            key(
                "alert", \.alert, .optional(.labelName), "The alert's name. That of a built-in rule changes that rule."),
            key("enabled", \.isEnabled, .flag, "Whether the rule is looked at."),
            key("finding", \.finding, .optional(.line("a class of findings")), "Fires for findings of this class."),
            key(
                "event", \.event, .optional(.choice),
                "Fires when this happens to a link, a namespace or a workload."),
            key("rate", \.rate, .optional(.line("a counter of links")), "Fires by what a counter grows by per second."),
            key("value", \.value, .optional(.line("a metric of links")), "Fires by what a metric is."),
            key(
                "window", \.window, .optional(.duration(.seconds(1)...(.seconds(3600)))),
                "The time over which a rate or value is an average; 1m for a rate, now for a value without."),
            key("above", \.above, .optional(.number), "Fires above this."),
            key("below", \.below, .optional(.number), "Fires below this."),
            key(
                "links", \.links, .optional(.linkPattern),
                "The links that it is about; all without. Namespaces are chosen by netns, workloads by name and kind."),
            key(
                "for", \.hold, .optional(.duration(.zero...(.seconds(604_800)))),
                "How long it must last before it fires; 0s without."),
            key(
                "keep_firing_for", \.keepFiring, .optional(.duration(.zero...(.seconds(604_800)))),
                "How long it goes on firing after its end; 0s without, 5m for an event that nothing ends."),
            key("labels", \.labels, .map("labels", of: .line("text")), "Labels of its alerts."),
            key("annotations", \.annotations, .map("annotations", of: .template), "What its alerts say."),
            key(
                "inhibits", \.isRootCause, .optional(.flag),
                "Whether it holds back the alerts of what hangs on its subject, such as a bridge's ports or a workload's links."
            ),
        ]
    }

    /// The rules that hold: the built-in ones, changed or not, and those of the file.
    func makeRules(_ problems: inout [ConfigProblem]) -> [Rule] {
        var result = BuiltInRules.all
        var seen: Set<String> = []
        for entry in rules {
            guard let name = entry.value.alert else {
                problems.append(ConfigProblem(entry.place, "a rule without 'alert', which names it"))
                continue
            }
            guard seen.insert(name).inserted else {
                problems.append(ConfigProblem(entry.place, "a second rule named '\(name)'"))
                continue
            }
            let position = result.firstIndex { $0.name == name }
            guard let rule = entry.value.rule(name, position.map { result[$0] }, entry.place, &problems) else {
                continue
            }
            if let position { result.remove(at: position) }
            if entry.value.isEnabled { result.append(rule) }
        }
        return result
    }
}

extension Config.RuleEntry {
    fileprivate func rule(
        _ name: String, _ builtIn: Rule?, _ place: YAMLPlace, _ problems: inout [ConfigProblem]
    ) -> Rule? {
        guard let condition = condition(builtIn, place, &problems) else { return nil }
        var rule: Rule
        if let builtIn, builtIn.condition == condition {
            rule = builtIn
        } else {
            rule = Rule(name, condition, annotations: BuiltInRules.annotations(for: condition))
        }
        if let hold { rule.holdDuration = hold }
        if let keepFiring { rule.keepFiringDuration = keepFiring }
        if let isRootCause { rule.isRootCause = isRootCause }
        if case .threshold = condition {
        } else if var links {
            // BridgeDown stays with bridges, whichever of them it is to be about.
            links.kind = links.kind ?? rule.links?.kind
            rule.links = links
        }
        if let problem = problem(rule) { problems.append(ConfigProblem(place, problem)) }
        rule.labels.merge(labels) { $1 }
        rule.annotations.merge(annotations) { $1 }
        return rule
    }

    /// What does not go together.
    private func problem(_ rule: Rule) -> String? {
        switch rule.condition {
        case .threshold(let threshold):
            if window != nil, case .value = threshold.reading {
                return "'window' with the value of counter '\(threshold.metric)': use 'rate'"
            }
            return nil
        case .event(let event):
            if event.end == nil, rule.holdDuration > .zero {
                return "'for' with event '\(event.rawValue)', which is over at once"
            }
            if event.subject == .namespace, links?.name != nil || links?.kind != nil {
                return "'links' with event '\(event.rawValue)', which is of namespaces: only 'netns' makes sense"
            }
            if event.subject == .owner, links?.namespace != nil {
                return
                    "'netns' with event '\(event.rawValue)', which is of workloads: only 'name' and 'kind' make sense"
            }
        case .finding: break
        }
        return window != nil || above != nil || below != nil
            ? "'window', 'above' and 'below' are for 'rate' and 'value' only" : nil
    }

    private func condition(
        _ builtIn: Rule?, _ place: YAMLPlace, _ problems: inout [ConfigProblem]
    ) -> Rule.Condition? {
        func problem(_ text: String) -> Rule.Condition? {
            problems.append(ConfigProblem(place, text))
            return nil
        }
        let count = [finding != nil, event != nil, rate != nil, value != nil].count { $0 }
        if count == 0, let builtIn { return builtIn.condition }
        guard count == 1 else { return problem("expected one of finding, event, rate or value") }
        if let finding {
            let known = FindingKind.allCases.map(\.rawValue)
            guard known.contains(finding) else {
                return problem("no findings of class \(shown(finding))\(Suggestion.text(for: finding, among: known))")
            }
            return .finding(finding)
        }
        if let event { return .event(event) }
        let (metric, known) = rate.map { ($0, Threshold.counters) } ?? (value!, Threshold.metrics)
        guard known.contains(metric) else {
            let kind = rate == nil ? "metric" : "counter"
            return problem("no \(kind) of links named \(shown(metric))\(Suggestion.text(for: metric, among: known))")
        }
        let bound: Threshold.Bound
        switch (above, below) {
        case (let above?, nil): bound = .above(above)
        case (nil, let below?): bound = .below(below)
        default: return problem("expected one of above or below")
        }
        let reading: Threshold.Reading =
            if rate != nil {
                .rate(window: window ?? .seconds(60))
            } else if let window, !Threshold.counters.contains(metric) {
                .average(window: window)
            } else { .value }
        return .threshold(Threshold(metric, reading, bound, links: links))
    }
}
