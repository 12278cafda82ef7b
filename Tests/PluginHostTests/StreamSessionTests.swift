import Testing
import VexportCore

@testable import PluginHost

/// What a plugin that runs all the time is asked, and what its answers count for.
@Suite struct StreamSessionTests {
    private let start = ContinuousClock.now

    private func session(_ change: (inout PluginSettings) -> Void = { _ in }) -> StreamSession {
        var settings = PluginSettings(name: "p", command: ["/p"], hooks: [.collect])
        (settings.mode, settings.interval, settings.timeout) = (.stream, .seconds(10), .seconds(2))
        settings.mostOutput = 200
        change(&settings)
        var id: UInt64 = 40
        return StreamSession(settings, first: start) {
            id += 1
            return id
        }
    }

    private func say(_ text: String, to session: inout StreamSession, _ seconds: Double) -> [PluginAction] {
        session.take(Array((text + "\n").utf8)[...], at: start + .seconds(seconds))
    }

    private func finish(
        _ work: PluginWork, _ took: Double, _ result: Result<[UInt8], PluginFailure>
    ) -> PluginAction {
        .finish(PluginOutcome(work: work, took: .seconds(took), result: result))
    }

    private func refuse(_ reason: PluginRefusal.Reason, _ text: String) -> PluginAction {
        .refuse(PluginRefusal(reason: reason, text: text))
    }

    private func request(_ id: Int) -> PluginAction {
        .write(Array((#"{"type":"collect","id":\#(id),"timeout_seconds":2.0}"# + "\n").utf8))
    }

    /// One that has been started and has said hello.
    private func ready(_ change: (inout PluginSettings) -> Void = { _ in }) -> StreamSession {
        var session = session(change)
        _ = session.pass(at: start)
        _ = say(#"{"type":"hello","protocol":1}"#, to: &session, 0)
        return session
    }

    @Test("it is greeted, asked when it has answered that, and then at every interval's begin")
    func pace() {
        var session = session()
        let greeting = session.pass(at: start)
        let hello = #"{"type":"hello","protocol":1,"plugin":"p","hooks":["collect"]}"# + "\n"
        #expect(greeting == [.start(input: Array(hello.utf8), endsInput: false)])
        #expect(session.deadline == start + .seconds(2))
        let welcome = say(#"{"type":"hello","protocol":1,"hooks":["collect","observe"]}"#, to: &session, 0)
        #expect(welcome == [finish(.run, 0, .success([]))])
        for (round, id) in [41, 42].enumerated() {
            let begin = start + .seconds(10 * round)
            #expect(session.deadline == begin)
            let asked = session.pass(at: begin)
            #expect(asked == [request(id)])
            let again = session.pass(at: begin + .seconds(1))
            #expect(again == [])
            let answer = say(#"{"type":"result","id":\#(id),"text":"x 1\n"}"#, to: &session, Double(10 * round + 1))
            #expect(answer == [finish(.collect, 1, .success(Array("x 1\n".utf8)))])
        }
        // Intervals that a machine slept through are not made up for.
        let late = session.pass(at: start + .seconds(75))
        #expect(late == [request(43)])
        _ = say(#"{"type":"error","id":43,"error":"no \u001b[31m"}"#, to: &session, 76)
        #expect(session.deadline == start + .seconds(80))
    }

    @Test("a line may come in pieces, and several at once")
    func pieces() {
        var session = ready()
        _ = session.pass(at: start)
        let first = session.take(Array(#"{"type":"resu"#.utf8)[...], at: start)
        #expect(first == [])
        let second = session.take(Array("lt\",\"id\":41,\"text\":\"\"}\n{}\n".utf8)[...], at: start)
        #expect(second == [finish(.collect, 0, .success([])), refuse(.line, "no line of the protocol: {}")])
    }

    @Test("an answer after its time counts for nothing, as one to a request that was never its own")
    func foreign() {
        var session = ready()
        _ = session.pass(at: start)
        let timeout = session.pass(at: start + .seconds(2))
        #expect(timeout == [finish(.collect, 2, .failure(PluginFailure("took longer than 2.0 s")))])
        let late = say(#"{"type":"result","id":41,"text":"x 1\n"}"#, to: &session, 3)
        #expect(late == [refuse(.late, "an answer after its time")])
        let other = refuse(.unknownID, "an answer to a request that was never its own")
        let foreign = say(#"{"type":"result","id":7,"text":"x 1\n"}"#, to: &session, 4)
        #expect(foreign == [other])
        _ = session.pass(at: start + .seconds(10))
        _ = say(#"{"type":"result","id":42,"text":""}"#, to: &session, 11)
        let twice = say(#"{"type":"result","id":42,"text":""}"#, to: &session, 12)
        #expect(twice == [other])
    }

    @Test("a long reason is cut, even if it is one letter with ten thousand accents")
    func longReason() {
        var session = ready { $0.mostOutput = 100_000 }
        _ = session.pass(at: start)
        let letter = "e" + String(repeating: "\u{301}", count: 10_000)
        let actions = say(#"{"type":"error","id":41,"error":"\#(letter)"}"#, to: &session, 1)
        guard case .finish(let outcome)? = actions.first, case .failure(let failure) = outcome.result else {
            Issue.record("\(actions)")
            return
        }
        #expect((300..<400).contains(failure.description.utf8.count))
    }

    @Test("three requests in a row without an answer are its end")
    func deaf() {
        var session = ready()
        for round in 0..<3 {
            _ = session.pass(at: start + .seconds(10 * round))
            let timeout = session.pass(at: start + .seconds(10 * round + 2))
            #expect(timeout.contains(.kill) == (round == 2))
        }
        let after = say(#"{"type":"result","id":43,"text":""}"#, to: &session, 23)
        #expect(after == [])
    }

    @Test(
        "a wrong hello, or none, is its end",
        arguments: [
            (#"{"type":"hello","protocol":2}"#, "speaks version 2 of the protocol; vexport speaks 1"),
            (#"{"type":"hello"}"#, "speaks version none of the protocol; vexport speaks 1"),
            (
                #"{"type":"hello","protocol":1,"hooks":["observe"]}"#,
                "does not have the hook 'collect' that the configuration names"
            ),
            (nil, "said no hello in 2.0 s"),
        ])
    func hello(line: String?, reason: String) {
        var session = session()
        _ = session.pass(at: start)
        let actions = line.map { say($0, to: &session, 2) } ?? session.pass(at: start + .seconds(2))
        #expect(actions == [.kill, finish(.run, 2, .failure(PluginFailure(reason)))])
    }

    @Test("floods are its end: a line that is too long, a hundred that count for nothing")
    func floods() {
        var session = ready()
        let long = session.take([UInt8](repeating: 0x20, count: 201)[...], at: start)
        #expect(long == [.kill, finish(.run, 0, .failure(PluginFailure("printed a line of more than 200 bytes")))])
        session = ready()
        let many = session.take(Array(String(repeating: "\n", count: 1000).utf8)[...], at: start)
        #expect(many.count == 102)
        let reason = PluginFailure("printed 100 lines in a row that count for nothing")
        #expect(many.suffix(2) == [.kill, finish(.run, 0, .failure(reason))])
    }

    @Test("its end fails what it was asked, and it is started again, later each time, soon again after a long life")
    func restarts() {
        var session = ready()
        _ = session.pass(at: start)
        let end = session.end(.exited(0), at: start + .seconds(1))
        let failure = Result<[UInt8], PluginFailure>.failure(PluginFailure("exit status 0"))
        #expect(end == [finish(.collect, 1, failure), finish(.run, 1, failure)])
        var now = start + .seconds(1)
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(session.deadline == now + .seconds(wait))
            now = session.deadline
            _ = session.pass(at: now)
            _ = session.fail(PluginFailure("no such file"), at: now)
        }
        now = session.deadline
        _ = session.pass(at: now)
        now += .seconds(61)
        _ = session.end(.killed(by: 9), at: now)
        #expect(session.deadline == now + .seconds(1))
    }
}
