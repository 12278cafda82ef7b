import Testing

@testable import VexportCore

/// What becomes of alerts over a restart, stepped through time.
struct AlertRestartTests {
    private func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000) }

    private func findings(_ kind: FindingKind, _ devices: String...) -> RuleInput {
        var input = RuleInput()
        for kind in FindingKind.allCases { input.findings[kind.rawValue] = [] }
        input.findings[kind.rawValue] = devices.map { AlertCondition(AlertSubject(.link, $0)) }
        return input
    }

    private func beyond(_ rule: String, _ devices: String...) -> RuleInput {
        var input = RuleInput()
        input.thresholds[rule] = devices.map { AlertCondition(AlertSubject(.link, $0)) }
        return input
    }

    /// An engine that was restarted at 1,000 s, after `input` at 0 s.
    private func restarted(_ rule: Rule, after input: RuleInput) -> RuleEngine {
        var engine = RuleEngine(rules: [rule], externalLabels: [:])
        _ = engine.evaluate(input, at: time(0))
        var next = RuleEngine(rules: [rule], externalLabels: [:])
        #expect(next.restore(engine.active, at: time(1_000)).isEmpty)
        return next
    }

    @Test("an alert on a finding waits for the diagnosis, which begins anew, and neither ends nor fires again")
    func finding() {
        let rule = Rule("PeerDown", .finding("veth_peer_down"))
        var engine = restarted(rule, after: findings(.vethPeerDown, "a"))
        #expect(engine.evaluate(findings(.vethPeerDown), at: time(1_001)).isEmpty, "nothing has been found yet")
        #expect(engine.firing.map(\.state.isActive) == [true], "another restart would find it as this one did")
        #expect(engine.evaluate(findings(.vethPeerDown, "a"), at: time(1_012)).isEmpty, "it fires already")
        #expect(engine.unseenAlerts.isEmpty)
        #expect(engine.evaluate(findings(.vethPeerDown), at: time(1_013)).map(\.state.phase) == [.resolved])
    }

    @Test("an alert on a finding that is not found again ends when it would have been")
    func findingGone() throws {
        var engine = restarted(Rule("PeerDown", .finding("veth_peer_down")), after: findings(.vethPeerDown, "a"))
        #expect(engine.evaluate(findings(.vethPeerDown), at: time(1_001)).isEmpty)
        let deadline = try #require(engine.deadline)
        #expect(deadline == time(1_000) + RuleEngine.overview + Diagnosis.longestWait)
        #expect(engine.evaluate(RuleInput(), at: deadline).map(\.state.phase) == [.resolved])
        #expect(engine.deadline == nil)
    }

    @Test("no class of findings has a longer grace than restored alerts wait for")
    func longestGrace() {
        var state = LinkState(name: "p", kind: .veth)
        state.masterIndex = 2
        var bridge = LinkState(name: "br", kind: .bridge)
        bridge.bridge = .init()
        bridge.bridge?.forwardDelay = .seconds(30)
        var inventory = Inventory()
        for (index, state) in [(Int32(1), state), (2, bridge)] {
            _ = inventory.apply(.asked(index: index, state), at: time(0))
        }
        let surroundings = Surroundings(inventory: inventory, facts: Facts(), index: DiagnosisIndex())
        let subject = Subject(inventory.links[1]!, surroundings, nil)
        let longest = FindingClass.all.map { $0.grace(subject) }.max()!
        #expect(longest + Diagnosis.Timing().recheck * 2 == Diagnosis.longestWait)
    }

    @Test("an alert on flaps lasts as long as the penalty of before may have, since that begins at 0")
    func flapping() {
        var engine = restarted(Rule("Flaps", .finding("link_flapping")), after: findings(.linkFlapping, "a"))
        // 8,000 fade below 750 in 205 s, with a half-life of a minute.
        #expect(engine.evaluate(findings(.linkFlapping), at: time(1_204)).isEmpty)
        #expect(engine.evaluate(RuleInput(), at: time(1_206)).map(\.state.phase) == [.resolved])
    }

    @Test("what was pending fires only when it was seen to hold again, and is forgotten otherwise")
    func pending() {
        let rule = Rule("PeerDown", .finding("veth_peer_down"), hold: .seconds(600))
        var engine = restarted(rule, after: findings(.vethPeerDown, "a"))
        #expect(engine.evaluate(findings(.vethPeerDown), at: time(1_001)).isEmpty)
        #expect(engine.active.map(\.state.phase) == [.pending])
        var gone = engine
        #expect(engine.evaluate(findings(.vethPeerDown, "a"), at: time(1_012)).map(\.state.phase) == [.firing])
        #expect(gone.evaluate(RuleInput(), at: time(1_300)).isEmpty && gone.active.isEmpty)
    }

    @Test("a threshold's alert waits for a reading of its link")
    func threshold() {
        let rule = Rule("NoCarrier", .threshold(Threshold("vexport_link_carrier", .value, .below(1))))
        var engine = restarted(rule, after: beyond("NoCarrier", "a", "b", "c"))
        #expect(engine.evaluate(beyond("NoCarrier", "a"), at: time(1_001)).isEmpty)
        let b = engine.active.first { $0.labels["device"] == "b" }!
        var input = RuleInput()
        input.reviews = [AlertReview(b, holds: false)]
        #expect(engine.evaluate(input, at: time(1_002)).map(\.labels["device"]) == ["b"])
        #expect(engine.evaluate(RuleInput(), at: time(1_060)).map(\.labels["device"]) == ["c"], "nobody saw it again")
        #expect(engine.firing.map(\.labels["device"]) == ["a"])
    }

    @Test(
        "a rate's or an average's alert waits for its window too",
        arguments: [Threshold.Reading.rate(window: .seconds(300)), .average(window: .seconds(300))])
    func windows(reading: Threshold.Reading) {
        let rule = Rule("Drops", .threshold(Threshold("vexport_link_carrier", reading, .above(1))))
        var engine = restarted(rule, after: beyond("Drops", "a"))
        #expect(engine.evaluate(RuleInput(), at: time(1_359)).isEmpty && engine.firing.count == 1)
        #expect(engine.evaluate(RuleInput(), at: time(1_360)).count == 1)
    }

    @Test("an event's alert waits for its link to show up, and one that tells of a link's end needs no link")
    func event() {
        let rules = [Rule("NoCarrier", .event(.carrierDown)), Rule("Gone", .event(.deleted))]
        var engine = RuleEngine(rules: rules, externalLabels: [:])
        var input = RuleInput()
        input.events = [
            (.carrierDown, AlertCondition(AlertSubject(.link, "eth0", namespace: "blue"))),
            (.deleted, AlertCondition(AlertSubject(.link, "b"))),
        ]
        #expect(engine.evaluate(input, at: time(0)).count == 2)
        var next = RuleEngine(rules: rules, externalLabels: [:])
        #expect(next.restore(engine.active, at: time(1_000)).isEmpty)
        #expect(next.unseenAlerts.flatMap(\.alerts).map(\.name) == ["NoCarrier"])
        #expect(next.evaluate(RuleInput(), at: time(1_059)).isEmpty)
        #expect(next.evaluate(RuleInput(), at: time(1_060)).map(\.name) == ["NoCarrier"])
        #expect(next.firing.map(\.name) == ["Gone"] && next.deadline == nil)
    }
}
