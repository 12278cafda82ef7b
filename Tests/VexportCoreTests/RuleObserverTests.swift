import Testing

@testable import VexportCore

/// From changes of links to what is told of them, without a kernel and without a clock.
struct RuleObserverTests {
    private let noCarrier = Rule("NoCarrier", .event(.carrierDown))

    @Test("a bridge that is set down is told of, and its ports are counted in that and not told of")
    func bridge() async {
        var watch = RuleWatch(BuiltInRules.all + [noCarrier])
        func dump(isUp: Bool) -> [(Int32, LinkState)] {
            [(1, .link("br0", .bridge, isUp: isUp)), (9, .link("alone", isUp: isUp))]
                + (2..<5).map { ($0, .link(EscapedText("p\($0)".utf8), isUp: isUp, bridge: 1)) }
        }
        _ = await watch.apply([.dumped(dump(isUp: true))], at: 1)
        let fired = await watch.apply(dump(isUp: false).map { .announced(index: $0.0, $0.1) }, at: 2)
        #expect(fired.contains("firing BridgeDown br0") && fired.contains("firing NoCarrier p2"))
        let told = watch.dispatcher.flush(at: RuleWatch.time(20))
        #expect(
            told.map { $0.items.map(\.labels["device"]) } == [["br0"], ["alone", "br0"]],
            "a bridge without carrier does not hold back itself")
        #expect(told[0].items[0].heldBackNames == ["p2", "p3", "p4"])
    }

    @Test("a namespace that ends is told of, and what was in it is counted in that and not told of")
    func namespace() async {
        var watch = RuleWatch([
            Rule("Gone", .event(.deleted)), Rule("NamespaceGone", .event(.namespaceDeleted), isRootCause: true),
        ])
        let own = NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)
        let blue = NamespaceSighting(file: NamespaceFile(device: 4, inode: 2), nsid: 5, name: "blue")
        let inside = (2..<5).map { (Int32($0), LinkState.link(EscapedText("veth\($0)".utf8))) }
        _ = await watch.apply(
            [
                .allFollowed(own: own), .namespaceNumbered(5), .namespaceSighted(blue),
                .dumped([(Int32(2), .link("eth0"))]),
                .dumped(in: 5, inside),
            ], at: 1)
        let fired = await watch.apply([.namespaceGone(5), .deleted(index: 2)], at: 100)
        #expect(
            fired == [
                "firing NamespaceGone blue", "firing Gone veth2", "firing Gone veth3", "firing Gone veth4",
                "firing Gone eth0",
            ])
        let told = watch.dispatcher.flush(at: RuleWatch.time(120))
        #expect(told.map { $0.items.map(\.labels["device"]) } == [["eth0"], [nil]])
        #expect(told[1].items[0].labels["netns"] == "blue")
        #expect(told[1].items[0].heldBackNames == ["veth2", "veth3", "veth4"])
    }

    @Test("namespaces that are found after the start are not new, later ones are")
    func newNamespaces() async {
        var watch = RuleWatch([Rule("New", .event(.namespaceCreated))])
        func sighting(_ inode: UInt64, _ name: EscapedText) -> LinkChange {
            .namespaceSighted(
                NamespaceSighting(
                    file: NamespaceFile(device: 4, inode: inode), nsid: NSID(inode), name: name))
        }
        let own = NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)
        _ = await watch.apply([.allFollowed(own: own), .dumped([(Int32(2), .link("eth0"))])], at: 1)
        #expect(await watch.apply([sighting(7, "old"), .announced(index: 2, .link("eth1"))], at: 30).isEmpty)
        let fired = await watch.apply([sighting(8, "new"), .announced(index: 2, .link("eth2"))], at: 61)
        #expect(fired == ["firing New new"])
    }

    @Test("an alert says whose link it is, and goes on when that is known no more")
    func owner() async {
        let rule = Rule(
            "NoCarrier", .event(.carrierDown), annotations: BuiltInRules.annotations(for: .event(.carrierDown)))
        var watch = RuleWatch([rule])
        let own = NamespaceFile(device: 4, inode: 1)
        _ = await watch.apply(
            [.allFollowed(own: NamespaceSighting(file: own, nsid: 0)), .dumped([(Int32(2), .link("vnet0", .tap))])],
            at: 1)
        var owners = Owners()
        owners.own = own
        let guest = Workload(.vm, name: "instance-0000002a".utf8, runtime: .libvirt)
        owners.taps = [.init(device: "vnet0", namespace: own, isCertain: true): guest]
        await watch.pipeline.enrich(.owners(owners))
        let fired = await watch.apply([.announced(index: 2, .link("vnet0", .tap, isUp: false))], at: 2)
        #expect(fired == ["firing NoCarrier vnet0"])
        #expect(watch.engine.firing.map(\.annotations["owner"]) == ["vm instance-0000002a"])
        await watch.pipeline.enrich(.owners(Owners()))
        let resolved = await watch.apply([.announced(index: 2, .link("vnet0", .tap, flaps: 1))], at: 3)
        #expect(resolved == ["resolved NoCarrier vnet0"])
    }

    @Test("what is told of a link under its old name ends when it is renamed")
    func renamed() async {
        var watch = RuleWatch([noCarrier])
        _ = await watch.apply([.dumped([(Int32(2), .link("old"))])], at: 1)
        #expect(await watch.apply([.announced(index: 2, .link("old", isUp: false))], at: 2) == ["firing NoCarrier old"])
        #expect(
            await watch.apply([.announced(index: 2, .link("new", isUp: false))], at: 3) == ["resolved NoCarrier old"])
    }

    @Test("after events were lost an alert ends whose link has its carrier again")
    func lost() async {
        var watch = RuleWatch([noCarrier])
        _ = await watch.apply([.dumped([(Int32(2), .link("p2"))])], at: 1)
        #expect(await watch.apply([.announced(index: 2, .link("p2", isUp: false))], at: 2) == ["firing NoCarrier p2"])
        _ = await watch.pipeline.apply([.announced(index: 2, .link("p2", flaps: 1))], at: RuleWatch.time(3))
        var observation = Observation()
        observation.hasLost = true
        var samples = TickSamples()
        samples.moment = Moment(timestamp: RuleWatch.time(4), instant: RuleWatch.start + .seconds(4))
        await watch.pipeline.ingest(samples, scheduled: true)
        observation.frame = watch.pipeline.frames.latest
        let input = watch.observer.take(observation, for: watch.engine, at: RuleWatch.time(4))
        #expect(watch.engine.evaluate(input, at: RuleWatch.time(4)).map(\.state.phase) == [.resolved])
    }
}
