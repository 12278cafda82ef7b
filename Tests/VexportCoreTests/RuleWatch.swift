@testable import VexportCore

/// All that is between the pipeline and a receiver.
struct RuleWatch {
    let pipeline = Pipeline()
    var observer: RuleObserver
    var engine: RuleEngine
    var dispatcher = AlertDispatcher(
        plan: NotificationPlan(
            root: AlertRoute(receiver: "ops", groupBy: ["alertname"]),
            receivers: ["ops": [AlertChannel(id: "ops/webhook/0", receiver: "ops")]]))

    init(_ rules: [Rule]) {
        observer = RuleObserver(rules: rules, at: Self.time(0))
        engine = RuleEngine(rules: rules, externalLabels: [:])
    }

    /// Takes in changes and a tick at a second.
    ///
    /// - Parameter findings: nil when they are as they were.
    /// - Returns: what fired or was resolved, such as `firing NoCarrier p0`.
    mutating func apply(
        _ changes: [LinkChange], at second: Int, findings: [Finding]? = nil
    ) async -> Set<String> {
        var observation = Observation()
        observation.events = await pipeline.apply(changes, at: Self.time(second)).events
        var samples = TickSamples()
        samples.moment = Moment(timestamp: Self.time(second), instant: Self.start + .seconds(second))
        await pipeline.ingest(samples, scheduled: true)
        observation.frame = pipeline.frames.latest
        observation.findings = findings
        let changed = engine.evaluate(
            observer.take(observation, for: engine, at: Self.time(second)), at: Self.time(second))
        dispatcher.take(changed, at: Self.time(second))
        return Set(changed.map { "\($0.state.phase.rawValue) \($0.name) \($0.subject.name)" })
    }

    static let start = ContinuousClock.now
    static func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000) }
}

extension LinkState {
    /// A link with or without a carrier.
    ///
    /// - Parameter flaps: how often it has lost its carrier before; the kernel's counts never go back.
    static func link(
        _ name: EscapedText, _ kind: LinkKind = .veth, isUp: Bool = true, flaps: UInt32 = 0, bridge: Int32? = nil
    ) -> LinkState {
        var state = LinkState(name: name, kind: kind)
        if isUp { state.flags = .up }
        let downs = flaps + (isUp ? 1 : 2)
        state.carrier = .init(isUp: isUp, changes: flaps + 1 + downs, ups: flaps + 1, downs: downs)
        state.masterIndex = bridge
        return state
    }
}
