import Testing

@testable import HostCollector

/// When owners are looked for, and at how much, over hours that take no time.
@Suite struct OwnerScheduleTests {
    /// What looks cost, and what happened in an hour of them.
    private struct Hour {
        var full = Duration.milliseconds(40)
        var quick = Duration.milliseconds(5)
        /// Between links' events; nil for none.
        var events: Duration?

        private(set) var used = Duration.zero
        private(set) var looks: [Sweep.Scope: [Duration]] = [:]
        /// The longest time from an event to the end of a look at everything that began after it.
        private(set) var slowest = Duration.zero

        init(full: Duration = .milliseconds(40), quick: Duration = .milliseconds(5), events: Duration? = nil) {
            (self.full, self.quick, self.events) = (full, quick, events)
            pass()
        }

        private mutating func pass() {
            let start = ContinuousClock.now
            var schedule = OwnerSchedule(start: start)
            var now = start
            var nextEvent = events.map { start + $0 }
            var unseen: ContinuousClock.Instant?
            while now - start < .seconds(3600) {
                while let event = nextEvent, event <= now {
                    unseen = unseen ?? event
                    nextEvent = event + events!
                }
                if unseen != nil { schedule.linkChanged(at: now) }
                if let scope = schedule.due(at: now) {
                    let cost = scope == .full ? full : quick
                    used += cost
                    looks[scope, default: []].append(now - start)
                    now += cost
                    if scope == .full, let event = unseen {
                        slowest = max(slowest, now - event)
                        unseen = nil
                    }
                    schedule.ended(scope, cost: cost, at: now)
                }
                now = min(now + schedule.delay(at: now), max(nextEvent ?? .now + .seconds(7200), now))
            }
        }

        var shortestGap: Duration? {
            let full = looks[.full] ?? []
            return zip(full.dropFirst(), full).map { $0 - $1 }.min()
        }
    }

    /// Of an hour: a hundredth, and what was saved up before.
    private static func bound(_ last: Duration) -> Duration { .seconds(36) + OwnerSchedule.mostCredit + last }

    @Test("looks at what is new come every second, at all every ten, and take a hundredth of the time in the long run")
    func regular() {
        let hour = Hour(full: .milliseconds(300))
        #expect(hour.used <= Self.bound(.milliseconds(300)))
        #expect(hour.looks[.quick]!.count > 1000 && hour.looks[.full]!.count > 50, "\(hour.looks.mapValues(\.count))")
    }

    @Test("an event brings the next look at all forward, so that what it tells of is known within two seconds")
    func event() {
        let hour = Hour(full: .milliseconds(20), events: .milliseconds(6_100))
        #expect(hour.slowest > OwnerSchedule.settling && hour.slowest < .seconds(2), "\(hour.slowest)")
        #expect(hour.looks[.full]!.count >= 3600 * 10 / 61)
    }

    @Test("a storm of events makes no more looks than one a second, and none that was not saved up for")
    func storm() {
        let cheap = Hour(full: .milliseconds(2), quick: .milliseconds(1), events: .milliseconds(20))
        #expect(cheap.shortestGap! >= OwnerSchedule.eventInterval && cheap.looks[.full]!.count <= 3600)
        #expect(cheap.looks[.full]!.count > 3000 && cheap.slowest < .seconds(2), "\(cheap.slowest)")
        let dear = Hour(events: .milliseconds(20))
        #expect(dear.used <= Self.bound(.milliseconds(40)))
        #expect(dear.looks[.full]!.count > 400, "\(dear.looks.mapValues(\.count))")
        #expect(dear.looks[.quick]!.count > 2000, "processes that are new are still seen at once")
    }

    @Test("who waits for a look gets it at once, in the midst of a storm too")
    func request() {
        var now = ContinuousClock.now
        var schedule = OwnerSchedule(start: now)
        for _ in 0..<10_000 {
            schedule.linkChanged(at: now)
            if let scope = schedule.due(at: now) {
                schedule.ended(scope, cost: .milliseconds(scope == .full ? 60 : 5), at: now)
            }
            now += .milliseconds(7)
        }
        #expect(schedule.due(at: now) != .full)
        schedule.request(at: now)
        #expect(schedule.due(at: now) == .full)
    }

    @Test("looks at what is new leave something for those at all, however dear they are")
    func starvation() {
        let hour = Hour(full: .milliseconds(300), quick: .milliseconds(30))
        #expect(hour.used <= Self.bound(.milliseconds(300)))
        #expect(hour.looks[.full]!.count > 30, "\(hour.looks.mapValues(\.count))")
    }
}
