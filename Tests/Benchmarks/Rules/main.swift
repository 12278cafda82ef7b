// What rules cost a tick: looking at what was observed, evaluating, and deciding what to tell. Built with VexportCore's sources
// in one module, so that it may see what is internal. Prints a JSON object a line.
//
// main LINKS

import RingStore

/// Containers on a bridge: half of the links are the near ends, half the far ends.
func dump(_ pairs: Int) -> [(index: Int32, state: LinkState)] {
    var bridge = LinkState(name: "br0", kind: .bridge)
    bridge.flags = .up
    return [(1, bridge)]
        + (0..<2 * pairs).map { number in
            var state = LinkState(name: EscapedText("veth\(number)".utf8), kind: .veth)
            state.flags = .up
            state.carrier = .init(isUp: true, changes: 2, ups: 1, downs: 1)
            if number < pairs { state.masterIndex = 1 }
            return (Int32(number + 2), state)
        }
}

/// The built-in rules, and one of everything else that there is.
let rules =
    BuiltInRules.all + [
        Rule("NoCarrier", .event(.carrierDown)), Rule("Gone", .event(.deleted)),
        Rule("NamespaceGone", .event(.namespaceDeleted), isRootCause: true),
        Rule("WorkloadGone", .event(.workloadStopped), isRootCause: true),
        threshold("Drops", "vexport_link_receive_dropped_packets_total", .rate(window: .seconds(60)), .above(100)),
        threshold("Traffic", "vexport_link_receive_bytes_total", .rate(window: .seconds(10)), .above(1e9)),
        threshold("Errors", "vexport_link_receive_errors_total", .value, .above(1e6)),
        threshold("Flaps", "vexport_link_carrier_changes_total", .rate(window: .seconds(60)), .above(1)),
        threshold("Down", "vexport_link_carrier", .value, .below(1)),
        threshold("MostlyDown", "vexport_link_carrier", .average(window: .seconds(60)), .below(0.5)),
    ]

func threshold(_ name: String, _ metric: String, _ reading: Threshold.Reading, _ bound: Threshold.Bound) -> Rule {
    Rule(name, .threshold(Threshold(metric, reading, bound)))
}

/// Alerts as a daemon has them, with a clock that the measurement moves on.
final class Alerts {
    var observer = RuleObserver(rules: rules, at: Timestamp(nanoseconds: 0))
    var engine = RuleEngine(rules: rules, externalLabels: ["instance": "host"])
    var dispatcher = AlertDispatcher(
        plan: NotificationPlan(
            root: AlertRoute(receiver: "ops"), receivers: ["ops": [AlertChannel(id: "ops/webhook/0", receiver: "ops")]])
    )

    /// - Returns: milliseconds.
    func take(_ observation: Observation, at: Timestamp) -> Double {
        ContinuousClock().measure {
            let changed = engine.evaluate(observer.take(observation, for: engine, at: at), at: at)
            dispatcher.take(changed, at: at)
            _ = dispatcher.flush(at: at)
        }.seconds * 1e3
    }
}

let count = Int(CommandLine.arguments[1])!
var links = dump(count / 2)
let pipeline = Pipeline()
let alerts = Alerts()
let start = ContinuousClock.now
var second = 0
var received: UInt64 = 0

/// Lets a second pass.
///
/// - Parameters:
///   - moves: how many packets each link receives.
///   - changes: links, from the first, that the kernel tells something new of.
/// - Returns: the milliseconds that rules took.
@MainActor func tick(
    moves: UInt64, changing changes: Range<Int> = 0..<0, _ change: (inout LinkState) -> Void = { _ in }
)
    async -> Double
{
    second += 1
    received += moves
    let now = Timestamp(nanoseconds: Int64(second) * 1_000_000_000)
    var observation = Observation()
    for place in changes {
        change(&links[place + 1].state)
        let (index, state) = links[place + 1]
        observation.events += await pipeline.apply([.announced(index: index, state)], at: now).events
    }
    var samples = TickSamples()
    samples.moment = Moment(timestamp: now, instant: start + .seconds(second))
    for (index, _) in links {
        var row = [UInt64](repeating: 0, count: LinkCounter.allCases.count)
        row[LinkCounter.receivePackets.rawValue] = received
        row[LinkCounter.receiveBytes.rawValue] = received * 1_000
        row.withUnsafeBytes { samples.append(index: index, row: RawSpan(_unsafeBytes: $0)) }
    }
    await pipeline.ingest(samples, scheduled: true)
    observation.frame = pipeline.frames.latest
    observation.findings = second == 1 ? [] : nil
    return alerts.take(observation, at: now)
}

@MainActor func report(_ what: String, _ rounds: Int, _ body: () async -> Double) async {
    var times: [Double] = []
    for _ in 0..<rounds { times.append(await body()) }
    times.sort()
    print("{\"what\": \"\(what)\", \"median\": \(times[rounds / 2]), \"worst\": \(times.last!)}")
}

_ = await pipeline.apply([.dumped(links.map { ($0.index, $0.state) })], at: Timestamp(nanoseconds: 0))
// Beyond the longest window.
for _ in 0..<70 { _ = await tick(moves: 10) }
await report("all counters move", 50) { await tick(moves: 10) }
await report("one link changes, all counters move", 50) {
    await tick(moves: 10, changing: 0..<1) { $0.alias = EscapedText("\(second)".utf8) }
}
for _ in 0..<70 { _ = await tick(moves: 0) }
await report("nothing changes", 100) { await tick(moves: 0) }
let stormy = 1_000

/// Takes the carrier from 1,000 links, or gives it back.
@MainActor func storm(isUp: Bool) async -> Double {
    await tick(moves: 10, changing: 0..<stormy) { state in
        let (ups, downs) = (state.carrier.ups! + (isUp ? 1 : 0), state.carrier.downs! + (isUp ? 0 : 1))
        state.carrier = .init(isUp: isUp, changes: ups + downs, ups: ups, downs: downs)
    }
}

await report("1,000 carriers are lost", 10) {
    _ = await storm(isUp: true)
    return await storm(isUp: false)
}
await report("all counters move while 3,000 alerts fire", 50) { await tick(moves: 10) }
guard alerts.engine.firing.count == 3 * stormy else {
    fatalError("\(alerts.engine.firing.count) alerts fire, not \(3 * stormy)")
}

let history = try LinkHistory(
    LinkHistory.options(boot: Boot(high: 0, low: 1)), tierNames: ["1s", "1m"], ownKey: "",
    at: Moment(timestamp: Timestamp(nanoseconds: 0), instant: start), notify: { fatalError("\($0)") })
await pipeline.setHistory(history)
for _ in 0..<70 { _ = await tick(moves: 10) }
await report("a restart looks back into the history", 10) {
    alerts.observer = RuleObserver(rules: rules, history: history, at: Timestamp(nanoseconds: 0))
    return await tick(moves: 10)
}
