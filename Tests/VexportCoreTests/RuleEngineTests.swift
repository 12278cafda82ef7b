import Testing

@testable import VexportCore

struct RuleEngineTests {
    private func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000) }

    private func condition(_ device: String, value: Double? = nil, facts: [String: String] = [:]) -> AlertCondition {
        AlertCondition(AlertSubject(.link, device), value: value, facts: facts)
    }

    private func findings(_ devices: String...) -> RuleInput {
        var input = RuleInput()
        input.findings["link_flapping"] = devices.map { condition($0) }
        return input
    }

    private func event(_ events: (RuleEvent, String)...) -> RuleInput {
        var input = RuleInput()
        input.events = events.map { ($0.0, condition($0.1)) }
        return input
    }

    @Test("a finding fires an alert with the rule's, the link's and the external labels, and its end resolves it")
    func finding() throws {
        let rule = Rule(
            "Flaps", .finding("link_flapping"), labels: ["severity": "page"],
            annotations: ["summary": try AlertTemplate("{{ device }} on {{instance}}: {{reason}}{{unknown}}")])
        var engine = RuleEngine(rules: [rule], externalLabels: ["instance": "host7"])
        var input = RuleInput()
        input.findings["link_flapping"] = [condition("veth0", facts: ["reason": "5 flaps {{device}}"])]
        let fired = engine.evaluate(input, at: time(1))
        #expect(fired.map(\.state.phase) == [.firing])
        #expect(
            fired[0].labels.values
                == ["alertname": "Flaps", "device": "veth0", "instance": "host7", "severity": "page"])
        #expect(fired[0].annotations == ["summary": "veth0 on host7: 5 flaps {{device}}"])
        #expect(engine.evaluate(RuleInput(), at: time(2)).isEmpty)
        let resolved = engine.evaluate(findings(), at: time(3))
        #expect(resolved.map(\.state.phase) == [.resolved] && engine.active.isEmpty)
    }

    @Test("a class that the input leaves out is as it was")
    func unchanged() {
        var engine = RuleEngine(rules: [Rule("Flaps", .finding("link_flapping"))], externalLabels: [:])
        _ = engine.evaluate(findings("a"), at: time(1))
        var other = RuleInput()
        other.findings["veth_peer_down"] = []
        #expect(engine.evaluate(other, at: time(2)).isEmpty && engine.firing.count == 1)
    }

    @Test("time alone fires what is pending: the engine says when")
    func pending() {
        var engine = RuleEngine(
            rules: [Rule("Flaps", .finding("link_flapping"), hold: .seconds(60))], externalLabels: [:])
        #expect(engine.evaluate(findings("a"), at: time(1)).isEmpty)
        #expect(engine.active.map(\.state.phase) == [.pending] && engine.deadline == time(61))
        #expect(engine.evaluate(RuleInput(), at: time(60)).isEmpty)
        #expect(engine.evaluate(RuleInput(), at: time(61)).map(\.state.phase) == [.firing])
        #expect(engine.deadline == nil)
    }

    @Test("an event's alert lasts until the event that ends it, or the link's end")
    func events() {
        var engine = RuleEngine(
            rules: [Rule("NoCarrier", .event(.carrierDown)), Rule("Renamed", .event(.renamed))], externalLabels: [:])
        #expect(engine.evaluate(event((.carrierDown, "a"), (.carrierDown, "b")), at: time(1)).count == 2)
        #expect(engine.evaluate(event((.carrierUp, "a")), at: time(2)).map(\.labels["device"]) == ["a"])
        #expect(engine.evaluate(event((.deleted, "b")), at: time(3)).map(\.state.phase) == [.resolved])
        // Nothing ends a rename: it is told of for five minutes.
        #expect(engine.evaluate(event((.renamed, "c")), at: time(4)).map(\.state.phase) == [.firing])
        #expect(engine.deadline == time(304))
        #expect(engine.evaluate(RuleInput(), at: time(304)).map(\.state.phase) == [.resolved])
    }

    @Test("a carrier that was down and is up again when somebody looks has fired, and is over")
    func mergedEvents() {
        let kind = LinkEvent.Kind.carrierChanged(isUp: true, ups: 1, downs: 1)
        #expect(RuleEvent.of(kind) == [.carrierDown, .carrierUp])
        var engine = RuleEngine(rules: [Rule("NoCarrier", .event(.carrierDown))], externalLabels: [:])
        let told = engine.evaluate(event((.carrierDown, "a"), (.carrierUp, "a")), at: time(1))
        #expect(told.map(\.state.phase) == [.firing, .resolved])
    }

    @Test("a restart takes alerts up where they were, and ends those that no rule makes any more")
    func restart() {
        let rules = [
            Rule("Flaps", .finding("link_flapping"), labels: ["severity": "page"]),
            Rule("Old", .finding("link_flapping")),
        ]
        var engine = RuleEngine(rules: rules, externalLabels: ["instance": "h"])
        _ = engine.evaluate(findings("a"), at: time(1))
        var next = RuleEngine(rules: [rules[0]], externalLabels: ["instance": "h"])
        let ended = next.restore(engine.active, at: time(5))
        #expect(ended.map(\.name) == ["Old"] && ended.map(\.state.phase) == [.resolved])
        #expect(next.evaluate(findings("a"), at: time(6)).isEmpty, "it fires already")
        #expect(next.evaluate(findings(), at: time(7)).map(\.name) == ["Flaps"])
        var moved = RuleEngine(rules: rules, externalLabels: ["instance": "other"])
        let others = moved.restore(engine.active, at: time(5))
        #expect(others.count == 2, "with other labels it is another alert")
    }

    @Test("a rule that is taken out resolves its alerts")
    func reload() {
        var engine = RuleEngine(rules: [Rule("Flaps", .finding("link_flapping"))], externalLabels: [:])
        _ = engine.evaluate(findings("a"), at: time(1))
        #expect(engine.setRules([], externalLabels: [:], at: time(2)).map(\.state.phase) == [.resolved])
        #expect(engine.active.isEmpty)
    }

    @Test("a rule whose labels change resolves its alerts; one that stays goes on")
    func relabel() {
        var rules = [Rule("A", .finding("link_flapping")), Rule("B", .finding("link_flapping"))]
        var engine = RuleEngine(rules: rules, externalLabels: [:])
        _ = engine.evaluate(findings("a"), at: time(1))
        rules[1].labels["severity"] = "page"
        #expect(engine.setRules(rules, externalLabels: [:], at: time(2)).map(\.name) == ["B"])
        #expect(engine.evaluate(findings("a"), at: time(3)).map(\.labels["severity"]) == ["page"])
        #expect(engine.firing.count == 2)
    }

    @Test("a rule on findings can be about some links only")
    func findingsOfSome() {
        var rule = Rule("Flaps", .finding("link_flapping"))
        rule.links = LinkPattern()
        rule.links?.name = "tap*"
        var engine = RuleEngine(rules: [rule], externalLabels: [:])
        #expect(engine.evaluate(findings("tap0", "veth0"), at: time(1)).map(\.labels["device"]) == ["tap0"])
    }

    @Test("a rule takes so many alerts and counts the rest")
    func bound() {
        var engine = RuleEngine(rules: [Rule("Flaps", .finding("link_flapping"))], externalLabels: [:])
        var input = RuleInput()
        input.findings["link_flapping"] = (0..<(RuleEngine.mostAlerts + 5)).map { condition("v\($0)") }
        #expect(engine.evaluate(input, at: time(1)).count == RuleEngine.mostAlerts)
        #expect(engine.refused == 5)
    }

    @Test("a template that is none is refused", arguments: ["{{device", "{{}}", "{{ a-b }}", "{{ a b }}"])
    func templates(text: String) {
        #expect(throws: AlertTemplate.Fault.self) { try AlertTemplate(text) }
    }

    @Test("every class of findings has its rule, with a name of its own")
    func builtIn() {
        let names = BuiltInRules.all.map(\.name)
        #expect(Set(names).count == names.count)
        for kind in FindingKind.allCases {
            #expect(BuiltInRules.all.count { $0.condition == .finding(kind.rawValue) } == 1, "\(kind)")
        }
        #expect(BuiltInRules.all.allSatisfy { $0.annotations["summary"] != nil && $0.labels["severity"] != nil })
    }
}
