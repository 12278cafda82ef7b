import Testing

@testable import VexportCore

struct AlertDispatcherTests {
    private func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000) }

    private func alert(
        _ name: String, _ device: String, firedAt: Int, resolvedAt: Int? = nil, on cause: String? = nil,
        isRootCause: Bool = false
    ) -> Alert {
        var state = AlertState(activeSince: time(firedAt))
        _ = state.step(at: time(firedAt), hold: .zero, keepFiring: .zero)
        if let resolvedAt {
            state.end(at: time(resolvedAt))
            _ = state.step(at: time(resolvedAt), hold: .zero, keepFiring: .zero)
        }
        return Alert(
            labels: LabelSet(["alertname": name, "device": device]), text: .written([:]),
            subject: AlertSubject(.link, device), dependsOn: cause.map { [AlertSubject(.link, $0)] } ?? [],
            isRootCause: isRootCause, state: state, value: nil)
    }

    private func plan(
        _ channel: AlertChannel = AlertChannel(id: "ops/webhook/0", receiver: "ops"), routes: [AlertRoute] = []
    ) -> NotificationPlan {
        NotificationPlan(
            root: AlertRoute(receiver: "ops"), routes: routes,
            receivers: ["ops": [channel], "pager": [AlertChannel(id: "pager/slack/0", receiver: "pager")]])
    }

    @Test("alerts of a group wait for each other, then for the interval, and repeat only after long")
    func group() {
        var dispatcher = AlertDispatcher(plan: plan())
        dispatcher.take([alert("A", "x", firedAt: 0)], at: time(0))
        #expect(dispatcher.deadline == time(10) && dispatcher.flush(at: time(9)).isEmpty)
        dispatcher.take([alert("A", "y", firedAt: 5)], at: time(5))
        let first = dispatcher.flush(at: time(10))
        #expect(first.map(\.items.count) == [2] && first[0].groupKey == #"{}:{alertname="A"}"#)
        dispatcher.take([alert("A", "z", firedAt: 11)], at: time(11))
        #expect(dispatcher.flush(at: time(309)).isEmpty)
        #expect(dispatcher.flush(at: time(310)).map(\.items.count) == [3])
        // Four hours later.
        let repeated = (2..<60).filter { !dispatcher.flush(at: time(10 + 300 * $0)).isEmpty }
        #expect(repeated == [49])
        #expect(dispatcher.toldCounts == ["ops/webhook/0": 3])
    }

    @Test("what was told of is resolved once; what nobody heard of is not")
    func resolved() {
        var dispatcher = AlertDispatcher(plan: plan())
        dispatcher.take([alert("A", "x", firedAt: 0), alert("A", "y", firedAt: 0)], at: time(0))
        dispatcher.take([alert("A", "y", firedAt: 0, resolvedAt: 5)], at: time(5))
        #expect(dispatcher.flush(at: time(10)).first?.items.map(\.labels["device"]) == ["x"])
        dispatcher.take([alert("A", "x", firedAt: 0, resolvedAt: 20)], at: time(20))
        let told = dispatcher.flush(at: time(310))
        #expect(told.count == 1 && !told[0].isFiring && told[0].items[0].endsAt == time(20))
        #expect(dispatcher.deadline == nil, "the group is gone")
    }

    @Test("the first route that matches takes an alert, with its own key")
    func routes() {
        let route = AlertRoute(
            receiver: "pager", matchers: [LabelMatcher(#"device=~"tap.*""#)!], groupBy: nil, groupWait: .zero)
        var dispatcher = AlertDispatcher(plan: plan(routes: [route]))
        dispatcher.take([alert("A", "tap1", firedAt: 0), alert("A", "veth1", firedAt: 0)], at: time(0))
        let now = dispatcher.flush(at: time(0))
        #expect(now.map(\.channel) == ["pager/slack/0"])
        #expect(now[0].groupKey == #"{}/{device=~"tap.*"}:{alertname="A", device="tap1"}"#)
        #expect(dispatcher.flush(at: time(10)).map(\.channel) == ["ops/webhook/0"])
    }

    @Test("a bridge that is down holds back its ports' alerts, counts and lists them, and lets them go when it is up")
    func inhibition() {
        var dispatcher = AlertDispatcher(plan: plan())
        let ports = (0..<20).map { alert("NoCarrier", "port\($0)", firedAt: 0, on: "br0") }
        dispatcher.take(ports, at: time(0))
        dispatcher.take([alert("BridgeDown", "br0", firedAt: 1, isRootCause: true)], at: time(1))
        let told = dispatcher.flush(at: time(12))
        #expect(told.map(\.items.count) == [1])
        #expect(told[0].items[0].heldBack == 20 && told[0].items[0].heldBackNames.count == 10)
        #expect(dispatcher.standing(of: ports[0], at: time(12)).isHeldBack)
        dispatcher.take([alert("BridgeDown", "br0", firedAt: 1, resolvedAt: 20, isRootCause: true)], at: time(20))
        let later = dispatcher.flush(at: time(400))
        #expect(later.first { $0.groupLabels["alertname"] == "NoCarrier" }?.items.count == 20)
    }

    @Test("who was told of trouble is told of its end, even while that is held back or silenced")
    func resolvedWhileMuted() {
        var dispatcher = AlertDispatcher(plan: plan())
        dispatcher.take([alert("A", "x", firedAt: 0)], at: time(0))
        #expect(dispatcher.flush(at: time(10)).count == 1)
        let silence = Silence(
            id: "1", matchers: [LabelMatcher("device=x")!], startsAt: time(11), endsAt: time(1_000), comment: "",
            createdBy: "")
        let isAdded = dispatcher.addSilence(silence)
        #expect(isAdded)
        #expect(dispatcher.flush(at: time(310)).isEmpty)
        dispatcher.take([alert("A", "x", firedAt: 0, resolvedAt: 400)], at: time(400))
        #expect(dispatcher.flush(at: time(610)).map(\.isFiring) == [false])
    }

    @Test("a silence holds an alert back until it ends")
    func silences() {
        var dispatcher = AlertDispatcher(plan: plan())
        let isAdded = dispatcher.addSilence(
            Silence(
                id: "1", matchers: [LabelMatcher(#"device=~"x|y""#)!], startsAt: time(0), endsAt: time(200),
                comment: "", createdBy: ""))
        #expect(isAdded)
        dispatcher.take([alert("A", "x", firedAt: 0), alert("A", "z", firedAt: 0)], at: time(0))
        #expect(dispatcher.flush(at: time(10)).first?.items.map(\.labels["device"]) == ["z"])
        #expect(dispatcher.flush(at: time(310)).first?.items.count == 2)
        #expect(dispatcher.silences.all.isEmpty)
    }

    @Test("a channel's limit leaves out the last, counts them, and still counts them as told")
    func truncation() {
        let channel = AlertChannel(id: "ops/webhook/0", receiver: "ops", mostAlerts: 3)
        var dispatcher = AlertDispatcher(plan: plan(channel))
        dispatcher.take((0..<1_000).map { alert("A", "v\($0)", firedAt: 0) }, at: time(0))
        let told = dispatcher.flush(at: time(10))
        #expect(told.count == 1 && told[0].items.count == 3 && told[0].truncated == 997)
        #expect(dispatcher.toldCounts == ["ops/webhook/0": 1_000])
    }

    @Test("an Alertmanager is told again every minute")
    func resend() {
        let channel = AlertChannel(id: "ops/alertmanager/0", receiver: "ops", resendInterval: .seconds(60))
        var dispatcher = AlertDispatcher(plan: plan(channel))
        dispatcher.take([alert("A", "x", firedAt: 0)], at: time(0))
        #expect([10, 70, 130].allSatisfy { dispatcher.flush(at: time($0)).count == 1 })
    }

    @Test("a reload moves what was told of to the groups of the new routes, where it is resolved but not told of again")
    func reload() throws {
        var dispatcher = AlertDispatcher(plan: plan())
        dispatcher.take([alert("A", "x", firedAt: 0), alert("A", "y", firedAt: 0)], at: time(0))
        #expect(dispatcher.flush(at: time(10)).map(\.items.count) == [2])
        let firing = [alert("A", "x", firedAt: 0), alert("A", "y", firedAt: 0)]
        let other = AlertRoute(
            receiver: "ops", matchers: [try #require(LabelMatcher(#"device="x""#))], groupInterval: .seconds(60))
        let paged = AlertRoute(receiver: "pager", matchers: [try #require(LabelMatcher(#"device="y""#))])
        dispatcher.setPlan(plan(routes: [other, paged]), firing: firing, at: time(20))
        #expect(dispatcher.toldCounts == ["ops/webhook/0": 1, "pager/slack/0": 0])
        let news = dispatcher.flush(at: time(310))
        #expect(news.map(\.channel) == ["pager/slack/0"], "only who has not heard of it hears of it")
        dispatcher.take(
            [alert("A", "x", firedAt: 0, resolvedAt: 320), alert("A", "y", firedAt: 0, resolvedAt: 320)], at: time(320))
        #expect(dispatcher.flush(at: time(370)).map(\.groupKey) == [#"{}/{device="x"}:{alertname="A"}"#])
        #expect(dispatcher.flush(at: time(610)).map(\.channel) == ["pager/slack/0"])
        #expect(dispatcher.deadline == nil, "no group is left behind")
    }

    @Test("a restart neither repeats what was told nor forgets that it must be resolved")
    func restart() {
        var dispatcher = AlertDispatcher(plan: plan())
        dispatcher.take([alert("A", "x", firedAt: 0)], at: time(0))
        #expect(dispatcher.flush(at: time(10)).count == 1)
        var next = AlertDispatcher(plan: plan(), saved: dispatcher.saved)
        next.take([alert("A", "x", firedAt: 0)], at: time(20))
        #expect(next.flush(at: time(310)).isEmpty)
        next.take([alert("A", "x", firedAt: 0, resolvedAt: 320)], at: time(320))
        #expect(next.flush(at: time(610)).map(\.isFiring) == [false])
        let empty = AlertDispatcher(plan: .none, saved: dispatcher.saved)
        #expect(empty.deadline == nil, "a channel that is gone has nobody to tell")
    }
}

struct LabelTests {
    @Test(
        "matchers are read as Alertmanager writes them",
        arguments: [
            (#"a="b""#, #"a="b""#, true), ("a=b", #"a="b""#, true), (#"a != "b""#, #"a!="b""#, false),
            (#"a=~"b|c""#, #"a=~"b|c""#, true), (#"a=~"x.*""#, #"a=~"x.*""#, false), (#"a!~"x""#, #"a!~"x""#, true),
            (#"missing="""#, #"missing="""#, true), (#"a="\"q\\""#, #"a="\"q\\""#, false),
        ])
    func matchers(text: String, written: String, matches: Bool) throws {
        let matcher = try #require(LabelMatcher(text))
        #expect(matcher.description == written)
        #expect(matcher.matches(LabelSet(["a": "b"])) == matches)
    }

    @Test(
        "what is no matcher is refused", arguments: ["", "a", "=b", "1a=b", #"a="b"#, #"a=~"(""#, #"a="b"c"#, "a={b}"])
    func noMatcher(text: String) {
        #expect(LabelMatcher(text) == nil)
    }

    @Test("fingerprints are Prometheus' own")
    func fingerprint() {
        // model.LabelSet{}.Fingerprint() of prometheus/common; one with labels is compared with Alertmanager's in KernelTests.
        #expect(LabelSet().fingerprint == "cbf29ce484222325")
        #expect(LabelSet(["a": "b"]).fingerprint.count == 16)
    }
}
