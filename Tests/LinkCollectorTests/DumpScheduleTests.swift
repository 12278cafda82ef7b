import Testing

@testable import LinkCollector

@Suite struct DumpScheduleTests {
    let start = ContinuousClock.now

    func ready() -> DumpSchedule {
        var schedule = DumpSchedule(interval: .seconds(1), start: start)
        #expect(schedule.next(at: start) == .dumpLinks)
        schedule.dumpEnded(at: start, work: .milliseconds(10), succeeded: true)
        #expect(schedule.next(at: start) == .tick(scheduled: true))
        return schedule
    }

    @Test("nothing is sampled before the first dump, which is tried again when it fails")
    func firstDump() {
        var schedule = DumpSchedule(interval: .seconds(1), start: start)
        #expect(schedule.next(at: start) == .dumpLinks)
        schedule.dumpEnded(at: start, work: .zero, succeeded: false)
        #expect(schedule.next(at: start) == .wait(.seconds(1)))
        #expect(schedule.next(at: start + .seconds(1)) == .dumpLinks)
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
                schedule.dumpEnded(at: now, work: work, succeeded: true)
            case .ask:
                now += work
                worked += work
                schedule.linkWorkEnded(at: now, work: work)
            case .tick: now += .milliseconds(1)
            case .wait(let duration): now += duration
            }
        }
        #expect(worked <= (now - start) / 20 + work)
        #expect(worked >= (now - start) / 25)
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

    @Test("all links are verified once a minute")
    func verification() {
        var schedule = ready()
        var dumps = 0
        var now = start
        while now < start + .seconds(600) {
            switch schedule.next(at: now) {
            case .dumpLinks:
                dumps += 1
                schedule.dumpEnded(at: now, work: .milliseconds(5), succeeded: true)
            case .wait(let duration): now += duration
            case .tick, .ask: now += .milliseconds(1)
            }
        }
        #expect(dumps == 9 || dumps == 10)
    }
}
