import Testing

@testable import LinkCollector

@Suite struct PaceTests {
    let start = ContinuousClock.now

    @Test("the first round is at once, the next after the interval or when somebody asks")
    func pace() {
        var pace = Pace(interval: .seconds(30), share: 100, start: start)
        #expect(pace.delay(at: start) == .zero)
        pace.ended(started: start, at: start + .milliseconds(10))
        #expect(pace.delay(at: start + .milliseconds(10)) == .milliseconds(29_990))
        pace.request()
        #expect(pace.delay(at: start + .seconds(5)) == .zero)
    }

    @Test("rounds take their share of the time, however often they are asked for")
    func share() {
        var pace = Pace(interval: .seconds(30), share: 100, start: start)
        var now = start
        var worked = Duration.zero
        while now < start + .seconds(100) {
            pace.request()
            let delay = pace.delay(at: now)
            if delay == .zero {
                pace.ended(started: now, at: now + .milliseconds(40))
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
