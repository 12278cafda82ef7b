import Testing

@testable import VexportCore

/// What rules are told of workloads, and what these hold back, stepped through time.
struct WorkloadRuleTests {
    private static let own = NamespaceFile(device: 4, inode: 1)
    private let web = Workload(.vm, name: "web".utf8)
    private let db = Workload(.vm, name: "db".utf8)
    private let noCarrier = Rule("NoCarrier", .event(.carrierDown))
    private let withoutReader = Rule("TapWithoutReader", .finding("tap_without_reader"))
    private let stopped = Rule(
        "GuestStopped", .event(.workloadStopped), annotations: BuiltInRules.annotations(for: .event(.workloadStopped)),
        isRootCause: true)

    private func owners(_ taps: [EscapedText: Workload]) -> Owners {
        var owners = Owners()
        owners.own = Self.own
        for (tap, workload) in taps {
            owners.taps[.init(device: tap, namespace: Self.own, isCertain: true)] = workload
        }
        return owners
    }

    /// The taps `vnet2` and `vnet3` of one guest and `vnet4` of another, after the time in which all is found.
    private func watch(_ rules: [Rule]) async -> RuleWatch {
        var watch = RuleWatch(rules)
        _ = await watch.apply(
            [
                .allFollowed(own: NamespaceSighting(file: Self.own, nsid: 0)),
                .dumped((2..<5).map { (Int32($0), LinkState.link(EscapedText("vnet\($0)".utf8), .tap)) }),
            ], at: 1)
        await watch.pipeline.enrich(.owners(owners(["vnet2": web, "vnet3": web, "vnet4": db])))
        _ = await watch.apply([], at: 2)
        return watch
    }

    private func down(_ numbers: Int...) -> [LinkChange] {
        numbers.map {
            .announced(index: Int32($0), .link(EscapedText("vnet\($0)".utf8), .tap, isUp: false))
        }
    }

    private func finding(_ number: Int32) -> Finding {
        Finding(
            kind: .tapWithoutReader, link: LinkIdentity(index: number, birth: UInt64(number - 2)),
            place: LinkPlace(.own, number), device: EscapedText("vnet\(number)".utf8), namespace: nil,
            severity: .warning, reason: "its guest is gone", evidence: [], command: nil, since: nil)
    }

    @Test(
        "a workload that stops is told of, and what its links tell is counted in that and not told of, then and later")
    func stops() async throws {
        var watch = await watch([noCarrier, stopped, withoutReader])
        let lost = await watch.apply(down(2, 3, 4), at: 100)
        #expect(lost == ["firing NoCarrier vnet2", "firing NoCarrier vnet3", "firing NoCarrier vnet4"])
        await watch.pipeline.enrich(.owners(owners(["vnet4": db])))
        #expect(await watch.apply([], at: 101) == ["firing GuestStopped vm web"])
        let told = watch.dispatcher.flush(at: RuleWatch.time(115))
        #expect(told.map { $0.items.map(\.labels["device"]) } == [[nil], ["vnet4"]])
        #expect(told[0].items[0].labels["owner"] == "vm web" && told[0].items[0].labels["device"] == nil)
        #expect(told[0].items[0].annotations["summary"] == "vm web: workload stopped")
        #expect(told[0].items[0].heldBackNames == ["vnet2", "vnet3"])

        // Long after nobody is at the far end any more.
        let findings = (2...4).map { finding($0) }
        #expect(await watch.apply([], at: 116, findings: findings).count == 3)
        let causes = watch.engine.alerts(of: withoutReader).flatMap { $0.dependsOn.map(\.name) }
        #expect(causes.sorted() == ["vm db", "vm web", "vm web"])
        let later = watch.dispatcher.flush(at: RuleWatch.time(130))
        #expect(later.map { $0.items.map(\.labels["device"]) } == [["vnet4"]])
    }

    @Test("a workload that is back ends the alert on its end, and its links are told of again")
    func starts() async {
        var watch = await watch([noCarrier, stopped, Rule("GuestStarted", .event(.workloadStarted))])
        _ = await watch.apply(down(2), at: 100)
        await watch.pipeline.enrich(.owners(owners([:])))
        #expect(await watch.apply([], at: 101) == ["firing GuestStopped vm web", "firing GuestStopped vm db"])
        await watch.pipeline.enrich(.owners(owners(["vnet3": web])))
        #expect(await watch.apply([], at: 102) == ["resolved GuestStopped vm web", "firing GuestStarted vm web"])
        let told = watch.dispatcher.flush(at: RuleWatch.time(120))
        #expect(told.flatMap { $0.items.map(\.labels["device"]) }.contains("vnet2"))
    }

    @Test("a link that another workload takes hangs on that one")
    func successor() async {
        var watch = await watch([withoutReader, stopped])
        await watch.pipeline.enrich(.owners(owners(["vnet2": db])))
        #expect(await watch.apply([], at: 100) == ["firing GuestStopped vm web"])
        _ = await watch.apply([], at: 101, findings: [finding(2), finding(3)])
        #expect(
            Dictionary(
                uniqueKeysWithValues: watch.engine.alerts(of: withoutReader).map {
                    ($0.subject.name, $0.dependsOn.map(\.name))
                }) == ["vnet2": ["vm db"], "vnet3": ["vm web"]])
    }

    @Test("a workload whose links are renamed or deleted goes on until no process of it is found")
    func renamed() async {
        var watch = await watch([stopped])
        let renamed = LinkChange.announced(index: 4, .link("vnet9", .tap))
        #expect(await watch.apply([renamed, .deleted(index: 2), .deleted(index: 3)], at: 100).isEmpty)
        await watch.pipeline.enrich(.owners(owners(["vnet9": db])))
        #expect(await watch.apply([], at: 101) == ["firing GuestStopped vm web"])
    }

    @Test("workloads that are found after the start are not new, and one of them ends what was told before a restart")
    func restart() async {
        var before = await watch([stopped])
        await before.pipeline.enrich(.owners(owners([:])))
        #expect(await before.apply([], at: 100).count == 2)
        var after = RuleWatch([stopped, Rule("GuestStarted", .event(.workloadStarted))])
        #expect(after.engine.restore(before.engine.active, at: RuleWatch.time(0)).isEmpty)
        _ = await after.apply(
            [
                .allFollowed(own: NamespaceSighting(file: Self.own, nsid: 0)),
                .dumped([(Int32(2), .link("vnet2", .tap))]),
            ], at: 1)
        await after.pipeline.enrich(.owners(owners(["vnet2": web])))
        #expect(await after.apply([], at: 2) == ["resolved GuestStopped vm web"])
        #expect(after.engine.firing.map(\.subject.name) == ["vm db"])
    }

    @Test("a link's alert hangs on its owner still when a restart has forgotten who that was")
    func forgotten() {
        let rule = Rule("NoCarrier", .threshold(Threshold("vexport_link_carrier", .value, .below(1))))
        func input(_ causes: [AlertSubject]) -> RuleInput {
            var input = RuleInput()
            input.thresholds["NoCarrier"] = [AlertCondition(AlertSubject(.link, "vnet2"), dependsOn: causes)]
            return input
        }
        var engine = RuleEngine(rules: [rule], externalLabels: [:])
        let bridge = AlertSubject(.link, "br0")
        _ = engine.evaluate(input([bridge, AlertSubject(web)]), at: RuleWatch.time(0))
        var next = RuleEngine(rules: [rule], externalLabels: [:])
        _ = next.restore(engine.active, at: RuleWatch.time(1))
        _ = next.evaluate(input([]), at: RuleWatch.time(2))
        #expect(next.firing.map(\.dependsOn) == [[AlertSubject(web)]], "the bridge is known to be gone")
        _ = next.evaluate(input([AlertSubject(db)]), at: RuleWatch.time(3))
        #expect(next.firing.map(\.dependsOn) == [[AlertSubject(db)]])
    }

    @Test("a rule can be of some workloads, by name and kind")
    func chosen() async {
        var (rule, container) = (stopped, Rule("ContainerStopped", .event(.workloadStopped)))
        rule.links = LinkPattern()
        rule.links?.name = "w*"
        rule.links?.kind = "vm"
        container.links = LinkPattern()
        container.links?.kind = "container"
        var watch = await watch([rule, container])
        await watch.pipeline.enrich(.owners(owners([:])))
        #expect(await watch.apply([], at: 100) == ["firing GuestStopped vm web"])
    }

    @Test("two workloads of one name are told apart by their ids, and a container's name is enough")
    func names() {
        var (guest, container) = (web, Workload(.container, name: "0123456789ab".utf8, runtime: .docker))
        guest.id = "629b29b9"
        container.id = "0123456789abcdef"
        #expect(
            [web, guest, container].map { AlertSubject($0).name } == [
                "vm web", "vm web 629b29b9", "container 0123456789ab",
            ])
    }
}
