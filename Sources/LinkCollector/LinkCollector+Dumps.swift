internal import CMalloc
internal import Glibc
internal import Logging
internal import Netlink
import VexportCore

/// The dump thread: asks the kernel for links and counters, one thing at a time.
extension LinkCollector {
    /// How often a dump is made because changes tore it. In a storm every dump is torn; the last one is taken then, since
    /// each object in it is true. Links that it misses are asked for; links not known yet come with the next, soon.
    private static let attempts = 3

    func makeDumps() {
        var samples = TickSamples()
        while !isStopping {
            switch state.withLock({ $0.schedule.next(at: .now) }) {
            case .dumpLinks: dumpLinks()
            case .ask(let indexes): ask(indexes)
            case .askForSpeeds: askForSpeeds()
            case .tick(let scheduled): tick(&samples, scheduled: scheduled)
            case .releaseMemory: _ = malloc_trim(0)
            case .wait(let duration): dumpWakeUp.wait(timeout: duration)
            }
        }
        answerWaiting()
    }

    private func dumpLinks() {
        let started = ContinuousClock.now
        // A loss that is noticed during the dump leads to another.
        let lostAt = state.withLock { state in
            defer { state.lostAt = nil }
            return state.lostAt
        }
        let worked = threadProcessorTime()
        order.withLock { $0.beginAnswer() }
        var links: [(Int32, LinkState)] = []
        var failure: NetlinkError?
        var dump = NetlinkSocket.Dump.torn
        do throws(NetlinkError) {
            dump = try repeated { () throws(NetlinkError) in
                links.removeAll(keepingCapacity: true)
                return try dumpSocket.dumpLinks { links.append(($0.index, LinkState($0))) }
            }
        } catch { failure = error }
        let lost = order.withLock { order in
            let (changes, lost) = order.endAnswer(failure == nil ? [.dumped(links)] : nil)
            enqueue(changes)
            return lost
        }
        if failure == nil { readSpeeds() }
        pipeline.performAndWait { _ in }  // so that a tick that follows finds the links
        let now = Moment.now()
        state.withLock {
            let result: DumpSchedule.Result = failure != nil ? .failed : dump == .torn ? .torn : .complete
            $0.schedule.dumpEnded(at: now.instant, work: threadProcessorTime() - worked, result)
            $0.statistics.linkDumps += 1
            $0.statistics.lastLinkDump = now.instant - started
            if failure != nil { $0.statistics.failedDumps += 1 }
            if dump == .complete { $0.statistics.lastVerified = now.timestamp }
            if let lostAt {
                if dump == .complete {
                    $0.statistics.resyncs += 1
                    $0.statistics.lastResync = now.instant - lostAt
                } else {
                    $0.lostAt = lostAt
                }
            }
            if lost { $0.requestResync(since: started) }
        }
        if let failure { logger.error("\(failure)") }
    }

    private func askForSpeeds() {
        let worked = threadProcessorTime()
        readSpeeds()
        state.withLock { $0.schedule.linkWorkEnded(at: .now, work: threadProcessorTime() - worked) }
    }

    /// What a driver does not tell this time stays as it was. Events that come meanwhile lead to another reading, so
    /// nothing has to be put in order.
    private func readSpeeds() {
        guard let ethtoolSocket else { return }
        var speeds: [Int32: LinkState.Speed] = [:]
        do throws(NetlinkError) {
            try ethtoolSocket.dumpSpeeds { speeds[$0.index] = LinkState.Speed($0) }
        } catch {
            // No such device: a link that went while it was asked for.
            logger.log(level: error.errno == ENODEV ? .debug : .warning, "can't read the speeds of all links: \(error)")
        }
        order.withLock { _ in enqueue([.speeds(speeds)]) }
    }

    private func ask(_ indexes: [Int32]) {
        let started = ContinuousClock.now
        let worked = threadProcessorTime()
        order.withLock { $0.beginAnswer() }
        var answers: [LinkChange] = []
        var failure: NetlinkError?
        do throws(NetlinkError) {
            for index in indexes {
                if let link = try dumpSocket.link(index) {
                    answers.append(.asked(index: index, LinkState(link)))
                } else {
                    answers.append(.notFound(index: index))
                }
            }
        } catch { failure = error }
        let lost = order.withLock { order in
            let (changes, lost) = order.endAnswer(answers)
            enqueue(changes)
            return lost
        }
        state.withLock {
            $0.schedule.linkWorkEnded(at: .now, work: threadProcessorTime() - worked)
            $0.statistics.questions += UInt64(indexes.count)
            if lost || failure != nil { $0.requestResync(since: started) }
        }
        if let failure { logger.error("\(failure)") }
    }

    private func tick(_ samples: inout TickSamples, scheduled: Bool) {
        let started = ContinuousClock.now
        var failure: NetlinkError?
        do throws(NetlinkError) {
            _ = try repeated { () throws(NetlinkError) in
                samples.removeAll()
                return try dumpSocket.dumpStats(started: { samples.moment = .now() }) {
                    samples.append(index: $0.index, row: $0.counters)
                }
            }
            samples.duration = .now - started
            pipeline.performAndWait { $0.ingest(samples, scheduled: scheduled) }
        } catch { failure = error }
        state.withLock {
            $0.statistics.statsDumps += 1
            $0.statistics.lastTickFailed = failure != nil
            if failure == nil {
                $0.statistics.lastTick = samples.duration
                $0.statistics.lastTickAt = samples.moment.timestamp
            } else {
                $0.statistics.failedDumps += 1
            }
        }
        if let failure { logger.error("\(failure)") }
        answerWaiting()
    }

    private func answerWaiting() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        guard !waiting.isEmpty else { return }
        let frame = latest
        for completion in waiting { completion(frame) }
    }

    /// Repeats a dump while it comes out torn.
    private func repeated(
        _ dump: () throws(NetlinkError) -> NetlinkSocket.Dump
    ) throws(NetlinkError) -> NetlinkSocket.Dump {
        for _ in 0..<Self.attempts {
            if try dump() == .complete { return .complete }
            state.withLock { $0.statistics.tornDumps += 1 }
        }
        return .torn
    }
}
