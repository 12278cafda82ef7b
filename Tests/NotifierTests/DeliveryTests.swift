import Testing
import VexportCore

@testable import Notifier

struct DeliveryTests {
    private func time(_ seconds: Double) -> Timestamp { Timestamp(nanoseconds: Int64(seconds * 1e9)) }

    private func notification(_ group: String) -> AlertNotification {
        var test = AlertDispatcher.test(
            AlertChannel(id: "ops/webhook/0", receiver: "ops"), labels: LabelSet(["instance": "h"]), at: time(0))
        test.groupKey = group
        return test
    }

    @Test(
        "what an answer means",
        arguments: [
            (200, DeliveryVerdict.delivered), (204, .delivered), (301, .refused(reason: "status 301")),
            (400, .refused(reason: "status 400")), (404, .refused(reason: "status 404")),
            (408, .retry(reason: "status 408", after: .seconds(7))),
            (429, .retry(reason: "status 429", after: .seconds(7))),
            (500, .retry(reason: "status 500", after: .seconds(7))),
            (503, .retry(reason: "status 503", after: .seconds(7))),
        ])
    func verdicts(status: Int, verdict: DeliveryVerdict) {
        #expect(RetryPolicy.verdict(.answered(status: status, retryAfter: .seconds(7), body: "")) == verdict)
    }

    @Test("waits double up to a limit, and chance takes up to half of each")
    func backoff() {
        let policy = RetryPolicy()
        #expect((1...4).map { policy.wait(failures: $0, chance: 0) } == [0.5, 1, 2, 4].map { .seconds($0) })
        #expect(policy.wait(failures: 1, chance: 0.5) == .milliseconds(750))
        #expect(policy.wait(failures: 1_000, chance: 0) == .seconds(150))
    }

    @Test(
        "Retry-After is seconds or a date, an hour at most",
        arguments: [
            ("3", Duration.seconds(3)), ("0", .zero), ("99999999999", .seconds(3600)), ("-5", .zero),
            ("Thu, 01 Jan 1970 00:01:00 GMT", .seconds(50)), ("soon", nil),
        ])
    func retryAfter(text: String, expected: Duration?) {
        #expect(RetryAfter.parse(text, now: 10) == expected)
    }

    @Test("one failing group does not hold up another, and each keeps its order")
    func order() {
        var queue = DeliveryQueue()
        for (id, group) in [("1", "a"), ("2", "a"), ("3", "b")] {
            #expect(queue.add(id, notification(group), at: time(0)) == nil)
        }
        #expect(queue.next(at: time(0))?.id == "1")
        #expect(queue.next(at: time(0)) == nil && queue.deadline == nil, "one try at a time")
        let mustWait = queue.finished(.retry(reason: "", after: nil), at: time(0), chance: 0)
        #expect(!mustWait)
        #expect(queue.next(at: time(0))?.id == "3")
        let isDone = queue.finished(.delivered, at: time(0), chance: 0)
        #expect(isDone)
        #expect(queue.next(at: time(0.4)) == nil && queue.deadline == time(0.5))
        #expect(queue.next(at: time(0.5))?.id == "1")
        _ = queue.finished(.delivered, at: time(0.5), chance: 0)
        #expect(queue.next(at: time(0.5))?.id == "2")
    }

    @Test("a receiver that asks for time gets it")
    func patience() {
        var queue = DeliveryQueue()
        _ = queue.add("1", notification("a"), at: time(0))
        _ = queue.next(at: time(0))
        _ = queue.finished(.retry(reason: "", after: .seconds(90)), at: time(0), chance: 0)
        #expect(queue.next(at: time(89)) == nil && queue.deadline == time(90))
    }

    @Test("after five failures in a row a receiver has a rest, and then one try that decides")
    func breaker() {
        var queue = DeliveryQueue()
        for number in 0..<10 { _ = queue.add("\(number)", notification("g\(number)"), at: time(0)) }
        for number in 0..<5 {
            #expect(queue.next(at: time(0))?.id == "\(number)")
            _ = queue.finished(.retry(reason: "", after: nil), at: time(0), chance: 0)
        }
        #expect(queue.next(at: time(29)) == nil && queue.deadline == time(30))
        #expect(queue.next(at: time(30)) != nil)
        _ = queue.finished(.retry(reason: "", after: nil), at: time(30), chance: 0)
        #expect(queue.next(at: time(89)) == nil, "one failure more doubles the rest")
        #expect(queue.next(at: time(90)) != nil)
        _ = queue.finished(.delivered, at: time(90), chance: 0)
        #expect(queue.next(at: time(90)) != nil && queue.breaker == CircuitBreaker())
    }

    @Test("a queue is bounded: the oldest goes, but not what is under way")
    func bound() {
        var queue = DeliveryQueue()
        for number in 0..<DeliveryQueue.room { _ = queue.add("\(number)", notification("g"), at: time(0)) }
        _ = queue.next(at: time(0))
        #expect(queue.add("new", notification("g"), at: time(0)) == "1")
        #expect(queue.entries.count == DeliveryQueue.room && queue.inFlight == "0")
    }
}
