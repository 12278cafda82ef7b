import TestSupport
import Testing
import VexportCore

@testable import LinkCollector

@Suite struct DumpScheduleTests {
    let start = ContinuousClock.now

    func ready() -> DumpSchedule {
        var schedule = DumpSchedule(interval: .seconds(1), start: start)
        #expect(schedule.next(at: start) == .dumpLinks())
        schedule.dumpEnded(at: start, work: .milliseconds(10), .complete)
        #expect(schedule.next(at: start) == .tick(scheduled: true))
        return schedule
    }

    @Test("nothing is sampled before the first dump, which is tried again when it fails")
    func firstDump() {
        var schedule = DumpSchedule(interval: .seconds(1), start: start)
        #expect(schedule.next(at: start) == .dumpLinks())
        schedule.dumpEnded(at: start, work: .zero, .failed)
        #expect(schedule.next(at: start) == .wait(.seconds(1)))
        #expect(schedule.next(at: start + .seconds(1)) == .dumpLinks())
    }

    @Test("speeds are asked for a second after an event, once for many, and by dumps")
    func speeds() {
        var schedule = DumpSchedule(interval: .seconds(10), start: start, asksForSpeeds: true)
        #expect(schedule.next(at: start) == .dumpLinks())
        schedule.eventsApplied(3, at: start)
        schedule.dumpEnded(at: start, work: .milliseconds(100), .complete)
        #expect(schedule.next(at: start) == .tick(scheduled: true))
        schedule.eventsApplied(0, at: start)
        schedule.eventsApplied(2, at: start + .milliseconds(500))
        #expect(schedule.next(at: start + .milliseconds(500)) == .wait(.milliseconds(1_400)))  // the share of GETLINK
        #expect(schedule.next(at: start + .milliseconds(1_900)) == .askForSpeeds)
        schedule.linkWorkEnded(at: start + .milliseconds(1_900), work: .milliseconds(1))
        #expect(schedule.next(at: start + .milliseconds(1_950)) == .wait(.milliseconds(8_050)))
        schedule.eventsApplied(1, at: start + .milliseconds(2_000))
        schedule.requestDump(at: start + .milliseconds(3_000))
        #expect(schedule.next(at: start + .milliseconds(3_000)) == .dumpLinks())
        schedule.dumpEnded(at: start + .milliseconds(3_000), work: .zero, .complete)
        #expect(schedule.next(at: start + .milliseconds(3_100)) == .wait(.milliseconds(6_900)))
    }

    @Test("without the wish for speeds nobody asks for them")
    func noSpeeds() {
        var schedule = ready()
        schedule.eventsApplied(1, at: start)
        #expect(schedule.next(at: start + .milliseconds(1)) == .wait(.milliseconds(999)))
    }

    @Test("ticks keep their grid, and late ones are left out")
    func grid() {
        var schedule = ready()
        #expect(schedule.next(at: start + .milliseconds(500)) == .wait(.milliseconds(500)))
        #expect(schedule.next(at: start + .milliseconds(1_100)) == .tick(scheduled: true))
        #expect(schedule.next(at: start + .milliseconds(4_500)) == .tick(scheduled: true))
        #expect(schedule.next(at: start + .milliseconds(4_501)) == .wait(.milliseconds(499)))
    }

    @Test("a scrape's tick comes at once, and a scheduled one serves it too")
    func requested() {
        var schedule = ready()
        schedule.requestTick()
        #expect(schedule.next(at: start + .milliseconds(10)) == .tick(scheduled: false))
        schedule.requestTick()
        #expect(schedule.next(at: start + .seconds(1)) == .tick(scheduled: true))
        #expect(schedule.next(at: start + .milliseconds(1_001)) == .wait(.milliseconds(999)))
    }

    @Test("memory is given back five seconds after a thousand events, and not again before the next thousand")
    func release() {
        var schedule = ready()
        schedule.eventsApplied(999, at: start)
        #expect(schedule.next(at: start + .milliseconds(1)) == .wait(.milliseconds(999)))
        schedule.eventsApplied(1, at: start + .milliseconds(2))
        var released: [Duration] = []
        for milliseconds in stride(from: 2, through: 20_000, by: 100) {
            let now = start + .milliseconds(milliseconds)
            if milliseconds < 11_000 { schedule.eventsApplied(20, at: now) }
            while true {
                let action = schedule.next(at: now)
                if action == .releaseMemory { released.append(now - start) }
                if case .wait = action { break }
            }
        }
        #expect(released == [.milliseconds(5_002), .milliseconds(15_002)])
    }

    @Test("dumps and questions together take a twentieth of the time, however many events are lost")
    func share() {
        var schedule = ready()
        var now = start + .milliseconds(1)
        var worked = Duration.milliseconds(10)
        let work = Duration.milliseconds(40)
        while now < start + .seconds(60) {
            schedule.requestDump(at: now)
            schedule.doubt([1, 2, 3], at: now)
            switch schedule.next(at: now) {
            case .dumpLinks:
                now += work
                worked += work
                schedule.dumpEnded(at: now, work: work, .complete)
            case .ask, .askForSpeeds:
                now += work
                worked += work
                schedule.linkWorkEnded(at: now, work: work)
            case .tick, .listNamespaces, .releaseMemory: now += .milliseconds(1)
            case .wait(let duration): now += duration
            }
        }
        #expect(worked <= (now - start) / 20 + work)
        #expect(worked >= (now - start) / 25)
    }

    /// Steps a schedule from one second after the start on.
    ///
    /// - Parameter feed: called before each step.
    /// - Returns: when dumps were made.
    private func dumps(
        _ schedule: inout DumpSchedule, seconds: Int, work: Duration = .milliseconds(5),
        feed: (inout DumpSchedule, ContinuousClock.Instant) -> Void
    ) -> [Duration] {
        var made: [Duration] = []
        var now = start + .seconds(1)
        while now < start + .seconds(1 + seconds) {
            feed(&schedule, now)
            switch schedule.next(at: now) {
            case .dumpLinks:
                made.append(now - start)
                now += work
                schedule.dumpEnded(at: now, work: work, .complete)
            case .wait(let duration): now += min(duration, .milliseconds(20))
            case .tick, .ask, .askForSpeeds, .listNamespaces, .releaseMemory: now += .milliseconds(1)
            }
        }
        return made
    }

    @Test("in a carrier storm links are dumped once a second, and once more when it is over")
    func carrierStorm() throws {
        var schedule = ready()
        let end = start + .seconds(6)
        let made = dumps(&schedule, seconds: 20) { if $1 < end { $0.carriersChanged(3, at: $1) } }
        #expect((4...6).contains(made.count), "\(made)")
        for (earlier, later) in zip(made, made.dropFirst()) { #expect(later - earlier >= .seconds(1)) }
        let last = try #require(made.last)
        #expect(last > .seconds(6) && last < .milliseconds(7_100))
    }

    @Test("a few carrier changes a second are no storm")
    func calm() {
        var schedule = ready()
        var next = start
        let made = dumps(&schedule, seconds: 30) {
            guard $1 >= next else { return }
            next = $1 + .milliseconds(200)
            $0.carriersChanged(1, at: $1)
        }
        #expect(made.isEmpty)
    }

    @Test("one link whose counters tell of many changes makes a storm")
    func mergedChanges() throws {
        var schedule = ready()
        schedule.carriersChanged(100, at: start + .seconds(1))
        let made = dumps(&schedule, seconds: 20) { _, _ in }
        #expect(made.count == 1)
        try #expect((.seconds(2)...(.milliseconds(2_050))).contains(#require(made.first)))
    }

    @Test("dumps in a carrier storm keep to their share of the time")
    func slowStorm() {
        var schedule = ready()
        let made = dumps(&schedule, seconds: 60, work: .milliseconds(200)) { $0.carriersChanged(50, at: $1) }
        #expect((14...16).contains(made.count), "\(made)")
    }

    @Test("a torn dump is followed by another in a second")
    func torn() {
        var schedule = ready()
        let now = start + .milliseconds(500)
        schedule.requestDump(at: now)
        #expect(schedule.next(at: now) == .dumpLinks())
        schedule.dumpEnded(at: now, work: .milliseconds(1), .torn)
        #expect(schedule.next(at: now + .milliseconds(600)) == .tick(scheduled: true))
        #expect(schedule.next(at: now + .milliseconds(999)) == .wait(.milliseconds(1)))
        #expect(schedule.next(at: now + .seconds(1)) == .dumpLinks())
    }

    @Test("doubtful links are asked for once, together, and soon")
    func doubt() {
        var schedule = ready()
        let now = start + .milliseconds(300)
        schedule.doubt([4, 5], at: now)
        schedule.doubt([5, 6], at: now + .milliseconds(50))
        #expect(schedule.next(at: now + .milliseconds(50)) == .wait(.milliseconds(50)))
        #expect(schedule.next(at: now + .milliseconds(100)) == .ask([4, 5, 6]))
        #expect(schedule.next(at: now + .milliseconds(101)) == .wait(.milliseconds(599)))
    }

    @Test("a doubtful link that is gone is not asked for")
    func forgotten() {
        var schedule = ready()
        let now = start + .milliseconds(300)
        schedule.doubt([4, 5, 6], at: now)
        schedule.forget([4, 6])
        #expect(schedule.next(at: now + .milliseconds(100)) == .ask([5]))
        schedule.doubt([7], at: now + .milliseconds(150))
        schedule.forget([7])
        #expect(schedule.next(at: now + .milliseconds(300)) == .wait(.milliseconds(400)))
    }

    @Test("all links are verified once a minute")
    func verification() {
        var schedule = ready()
        var dumps = 0
        var now = start
        while now < start + .seconds(600) {
            switch schedule.next(at: now) {
            case .dumpLinks:
                dumps += 1
                schedule.dumpEnded(at: now, work: .milliseconds(5), .complete)
            case .wait(let duration): now += duration
            case .tick, .ask, .askForSpeeds, .listNamespaces, .releaseMemory: now += .milliseconds(1)
            }
        }
        #expect(dumps == 9 || dumps == 10)
    }
}
