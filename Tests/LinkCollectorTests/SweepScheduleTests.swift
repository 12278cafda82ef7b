import Testing

@testable import LinkCollector

@Suite struct SweepScheduleTests {
    let start = ContinuousClock.now

    @Test("the first sweep is at once, the next after half a minute or when somebody asks")
    func pace() {
        var schedule = SweepSchedule(interval: .seconds(30), start: start)
        #expect(schedule.delay(at: start) == .zero)
        schedule.ended(started: start, at: start + .milliseconds(10))
        #expect(schedule.delay(at: start + .milliseconds(10)) == .seconds(30))
        schedule.request(at: start + .seconds(5))
        #expect(schedule.delay(at: start + .seconds(5)) == .zero)
    }

    @Test("sweeps take a hundredth of the time, however often they are asked for")
    func share() {
        var schedule = SweepSchedule(interval: .seconds(30), start: start)
        var now = start
        var worked = Duration.zero
        while now < start + .seconds(100) {
            schedule.request(at: now)
            let delay = schedule.delay(at: now)
            if delay == .zero {
                schedule.ended(started: now, at: now + .milliseconds(40))
                now += .milliseconds(40)
                worked += .milliseconds(40)
            } else {
                now += delay
            }
        }
        #expect(worked <= .milliseconds(1_040))
        #expect(worked >= .milliseconds(900))
    }
}
