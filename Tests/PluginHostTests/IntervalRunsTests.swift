import Testing
import VexportCore

@testable import PluginHost

/// When a plugin that is started once an interval runs, and what comes of it.
@Suite struct IntervalRunsTests {
    private let start = ContinuousClock.now

    private func runs() -> IntervalRuns {
        var settings = PluginSettings(name: "p", command: ["/p"], hooks: [.collect])
        (settings.interval, settings.timeout, settings.mostOutput) = (.seconds(10), .seconds(2), 8)
        return IntervalRuns(settings, first: start)
    }

    private let started = [PluginAction.start(input: [], endsInput: true)]

    private func finish(_ seconds: Int, _ result: Result<[UInt8], PluginFailure>) -> PluginAction {
        .finish(PluginOutcome(work: .collect, took: .seconds(seconds), result: result))
    }

    @Test("it starts at once, and then at every interval's begin, however long a run takes")
    func pace() {
        var runs = runs()
        for round in 0..<3 {
            let begin = start + .seconds(10 * round)
            #expect(runs.deadline == begin)
            let actions = runs.pass(at: begin)
            #expect(actions == started)
            #expect(runs.deadline == begin + .seconds(2))
            _ = runs.take([1, 2], at: begin)
            let end = runs.end(.exited(0), at: begin + .seconds(1))
            #expect(end == [finish(1, .success([1, 2]))])
        }
        // A machine that slept through intervals does not make up for them.
        _ = runs.pass(at: start + .seconds(75))
        _ = runs.end(.exited(0), at: start + .seconds(76))
        #expect(runs.deadline == start + .seconds(80))
    }

    @Test("one that takes too long is killed, and its failure told at once, whether it dies or not")
    func timeout() {
        var runs = runs()
        _ = runs.pass(at: start)
        let early = runs.pass(at: start + .milliseconds(1_999))
        #expect(early == [])
        let late = runs.pass(at: start + .seconds(2))
        #expect(late == [.kill, finish(2, .failure(PluginFailure("took longer than 2.0 s")))])
        // Nothing else of this run counts, and no other begins beside it.
        let output = runs.take([1], at: start + .seconds(3))
        let second = runs.pass(at: start + .seconds(30))
        let end = runs.end(.killed(by: 9), at: start + .seconds(30))
        #expect(output == [] && second == [] && end == [])
        let next = runs.pass(at: start + .seconds(30))
        #expect(next == started)
    }

    @Test("one that prints too much is killed, and nothing of it is kept")
    func flood() {
        var runs = runs()
        _ = runs.pass(at: start)
        let first = runs.take([1, 2, 3, 4, 5, 6, 7, 8], at: start)
        #expect(first == [])
        let second = runs.take([9], at: start + .seconds(1))
        #expect(second == [.kill, finish(1, .failure(PluginFailure("printed more than 8 bytes")))])
    }

    @Test("an exit status other than 0, a signal and a start that fails are failures")
    func failures() {
        var runs = runs()
        for (end, text) in [(PluginEnd.exited(3), "exit status 3"), (.killed(by: 11), "killed by signal 11")] {
            _ = runs.pass(at: runs.deadline)
            let actions = runs.end(end, at: runs.deadline)
            #expect(actions == [finish(2, .failure(PluginFailure(text)))])
        }
        _ = runs.pass(at: runs.deadline)
        let actions = runs.fail(PluginFailure("no such file"), at: runs.deadline - .seconds(2))
        #expect(actions == [finish(0, .failure(PluginFailure("no such file")))])
    }
}
