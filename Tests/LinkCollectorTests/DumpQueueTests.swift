import TestSupport
import Testing
import VexportCore

@testable import LinkCollector

@Suite struct DumpQueueTests {
    let start = ContinuousClock.now

    /// A queue that has dumped what there was at the start: vexport's own namespace and number 5.
    func ready() -> DumpQueue {
        var queue = DumpQueue(followsAll: true, start: start)
        queue.follow(5)
        queue.searchEnded()
        while let item = queue.take(at: start) { _ = queue.ended(item, .complete, at: start) }
        #expect(queue.isPopulated)
        return queue
    }

    /// Takes all that is due.
    func drain(_ queue: inout DumpQueue, at now: ContinuousClock.Instant) -> [DumpQueue.Item] {
        var items: [DumpQueue.Item] = []
        while let item = queue.take(at: now) {
            items.append(item)
            _ = queue.ended(item, .complete, at: now)
        }
        return items
    }

    @Test("nothing is sampled before namespaces were looked for, and those found dumped")
    func population() {
        var queue = DumpQueue(followsAll: true, start: start)
        #expect(queue.take(at: start) == .links(nil))
        _ = queue.ended(.links(nil), .complete, at: start)
        #expect(queue.take(at: start) == nil)
        #expect(!queue.isPopulated)
        queue.follow(5)
        queue.searchEnded()
        #expect(drain(&queue, at: start) == [.links(5), .numbers])
        #expect(queue.isPopulated)
    }

    @Test("a namespace that ends before its first dump keeps nothing waiting")
    func endInPopulation() {
        var queue = DumpQueue(followsAll: true, start: start)
        _ = drain(&queue, at: start)
        queue.searchEnded()
        #expect(queue.take(at: start) == .numbers)
        _ = queue.ended(.numbers, .complete, at: start)
        queue.follow(5)
        #expect(!queue.isPopulated)
        queue.unfollow(5)
        #expect(queue.isPopulated)
    }

    @Test("a round has everything once, vexport's own namespace first")
    func round() {
        var queue = ready()
        queue.follow(6)
        #expect(drain(&queue, at: start) == [.links(6)])
        #expect(drain(&queue, at: start + .seconds(59)) == [])
        #expect(drain(&queue, at: start + .seconds(60)) == [.links(nil), .numbers, .links(5), .links(6)])
    }

    @Test("a loss is made up for by a round that began after it and dumped all of it whole")
    func loss() {
        var queue = ready()
        let lostAt = start + .seconds(1)
        queue.requestRound(since: lostAt, at: lostAt)
        var results: [DumpQueue.RoundEnd?] = []
        while let item = queue.take(at: lostAt) {
            if item == .numbers { queue.requestRound(since: lostAt + .seconds(1), at: lostAt + .seconds(1)) }
            results.append(queue.ended(item, item == .links(nil) ? .torn : .complete, at: lostAt))
        }
        #expect(results == [nil, nil, nil])
        #expect(queue.isResyncing)
        var now = lostAt + .seconds(2)
        var ends: [DumpQueue.RoundEnd] = []
        while let item = queue.take(at: now) {
            if let end = queue.ended(item, .complete, at: now) { ends.append(end) }
            now += .milliseconds(1)
        }
        #expect(ends == [.init(lostAt: lostAt)])
        #expect(!queue.isResyncing)
    }

    @Test("a namespace that is gone ends no round by itself, and holds none up")
    func goneInRound() {
        var queue = ready()
        let now = start + .seconds(60)
        var ends = 0
        while let item = queue.take(at: now) {
            if queue.ended(item, item == .links(5) ? .gone : .complete, at: now) != nil { ends += 1 }
        }
        #expect(ends == 1)
    }

    @Test("a torn dump is repeated after a second, that of one namespace alone")
    func torn() {
        var queue = ready()
        queue.add(.links(5), at: start + .seconds(1))
        #expect(queue.nextAt(start) == start + .seconds(1))
        #expect(queue.take(at: start + .seconds(1)) == .links(5))
        _ = queue.ended(.links(5), .torn, at: start + .seconds(1))
        #expect(queue.take(at: start + .milliseconds(1_900)) == nil)
        #expect(queue.take(at: start + .seconds(2)) == .links(5))
    }

    @Test("a storm in one namespace has only that one dumped again")
    func storm() {
        var schedule = DumpSchedule(interval: .seconds(1), followsAll: true, start: start)
        schedule.follow(5)
        schedule.searchEnded()
        var now = start
        var dumped: [NSID?] = []
        var isStorming = true
        while now < start + .seconds(10) {
            switch schedule.next(at: now) {
            case .listNamespaces: schedule.dumpEnded(.numbers, at: now, work: .zero, .complete)
            case .dumpLinks(let namespace):
                if now > start { dumped.append(namespace) }
                schedule.dumpEnded(.links(namespace), at: now, work: .zero, .complete)
            case .wait(let duration):
                if isStorming { schedule.carriersChanged(20, in: 5, at: now) }
                isStorming = false
                schedule.carriersChanged(1, at: now)
                now += duration
            case .tick, .ask, .askForSpeeds, .releaseMemory: now += .milliseconds(1)
            }
        }
        #expect(dumped == [5])
    }

    @Test("namespaces and questions take turns when there is too much of both")
    func turns() {
        var schedule = DumpSchedule(interval: .seconds(1), followsAll: true, start: start)
        schedule.searchEnded()
        var actions: [String] = []
        var now = start
        while actions.count < 20 {
            switch schedule.next(at: now) {
            case .listNamespaces: schedule.dumpEnded(.numbers, at: now, work: .zero, .complete)
            case .dumpLinks(let namespace):
                if namespace != nil { actions.append("dump") }
                schedule.dumpEnded(.links(namespace), at: now, work: .zero, .complete)
            case .ask: actions.append("ask")
            case .wait(let duration): now += duration
            case .tick, .askForSpeeds, .releaseMemory:
                for nsid in 10..<60 as Range<NSID> {
                    schedule.follow(nsid)
                    schedule.doubt((0..<64).map { LinkAddress(nsid, $0) }, at: now)
                }
                now += .milliseconds(200)
            }
        }
        #expect((8...12).contains(actions.count { $0 == "ask" }))
    }
}
