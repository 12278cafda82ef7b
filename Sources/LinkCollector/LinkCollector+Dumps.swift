internal import CMalloc
internal import Dispatch
import Glibc
internal import Logging
internal import Netlink
import VexportCore

/// The dump thread: asks the kernel for links and counters, one thing at a time.
extension LinkCollector {
    /// How often a dump is made because changes tore it. In a storm every dump is torn; the last one is taken then, since
    /// each object in it is true. Links that it misses are asked for; links not known yet come with the next, soon.
    private static let attempts = 3

    /// How long the first frame waits for what is read less often than ticks.
    private static let patience = DispatchTimeInterval.seconds(2)

    func makeDumps() {
        var samples = TickSamples()
        while !isStopping {
            switch state.withLock({ $0.schedule.next(at: .now) }) {
            case .listNamespaces: listNamespaces()
            case .dumpLinks(let namespace): dumpLinks(in: namespace)
            case .ask(let links): ask(links)
            case .askForSpeeds: askForSpeeds()
            case .tick(let scheduled): tick(&samples, scheduled: scheduled)
            case .releaseMemory: _ = malloc_trim(0)
            case .wait(let duration): dumpWakeUp.wait(timeout: duration)
            }
        }
        answerWaiting()
    }

    private func listNamespaces() {
        var nsids: [NSID] = []
        dump(.numbers) { () throws(NetlinkError) in
            let dump = try repeated { () throws(NetlinkError) in
                nsids.removeAll(keepingCapacity: true)
                return try dumpSocket.dumpNamespaceNumbers { nsids.append($0) }
            }
            return (.namespacesListed(nsids), dump)
        }
    }

    private func dumpLinks(in namespace: NSID?) {
        var links: [(Int32, LinkState)] = []
        dump(.links(namespace)) { () throws(NetlinkError) in
            let dump = try repeated { () throws(NetlinkError) in
                links.removeAll(keepingCapacity: true)
                return try dumpSocket.dumpLinks(in: namespace) { links.append(($0.index, LinkState($0))) }
            }
            return (.dumped(in: namespace, links), dump)
        }
    }

    /// Makes a dump that the schedule wants and applies its answer.
    private func dump(
        _ item: DumpQueue.Item, _ ask: () throws(NetlinkError) -> (LinkChange, NetlinkSocket.Dump)
    ) {
        let started = ContinuousClock.now
        let worked = threadProcessorTime()
        order.withLock { $0.beginAnswer() }
        var answer: LinkChange?
        var result = DumpQueue.Result.failed
        do throws(NetlinkError) {
            let (change, dump) = try ask()
            answer = change
            result = dump == .torn ? .torn : .complete
        } catch {
            (answer, result) = refusal(error, item.namespace)
            if result == .failed { logger.error("\(error)") }
        }
        let lost = order.withLock { order in
            let (changes, lost) = order.endAnswer(answer.map { [$0] })
            enqueue(changes)
            return lost
        }
        if item == .links(nil), answer != nil { readSpeeds() }
        pipeline.performAndWait { _ in }  // so that a tick that follows finds the links
        let now = Moment.now
        state.withLock {
            let round = $0.schedule.dumpEnded(item, at: now.instant, work: threadProcessorTime() - worked, result)
            if result == .failed { $0.statistics.failedDumps += 1 }
            if item == .numbers {
                $0.statistics.namespaceDumps += 1
            } else {
                $0.statistics.linkDumps += 1
                $0.statistics.lastLinkDump = now.instant - started
            }
            if let round {
                $0.statistics.lastVerified = now.timestamp
                if let lostAt = round.lostAt {
                    $0.statistics.resyncs += 1
                    $0.statistics.lastResync = now.instant - lostAt
                }
            }
            if lost { $0.schedule.requestDump(since: started, at: .now) }
        }
    }

    /// What a dump's failure says of another namespace: that it is gone (EINVAL), or that vexport may not ask about it.
    private func refusal(_ error: NetlinkError, _ namespace: NSID?) -> (answer: LinkChange?, DumpQueue.Result) {
        guard let namespace else { return (nil, .failed) }
        switch error.errno {
        case EINVAL: return (nil, .gone)
        case EPERM, EACCES: return (.namespaceUnreadable(namespace), .gone)
        default: return (nil, .failed)
        }
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

    private func ask(_ links: [LinkAddress]) {
        let started = ContinuousClock.now
        let worked = threadProcessorTime()
        order.withLock { $0.beginAnswer() }
        var answers: [LinkChange] = []
        var failure: NetlinkError?
        for link in links where failure == nil {
            do throws(NetlinkError) {
                if let message = try dumpSocket.link(link.index, in: link.namespace) {
                    answers.append(.asked(in: link.namespace, index: link.index, LinkState(message)))
                } else {
                    answers.append(.notFound(in: link.namespace, index: link.index))
                }
            } catch {
                if refusal(error, link.namespace).1 == .failed { failure = error }
            }
        }
        let lost = order.withLock { order in
            let (changes, lost) = order.endAnswer(answers)
            enqueue(changes)
            return lost
        }
        state.withLock {
            $0.schedule.linkWorkEnded(at: .now, work: threadProcessorTime() - worked)
            $0.statistics.questions += UInt64(links.count)
            if lost || failure != nil { $0.schedule.requestDump(since: started, at: .now) }
        }
        if let failure { logger.error("\(failure)") }
    }

    private func tick(_ samples: inout TickSamples, scheduled: Bool) {
        let started = ContinuousClock.now
        let isFirst = latest == nil
        var failure: NetlinkError?
        do throws(NetlinkError) {
            _ = try repeated { () throws(NetlinkError) in
                samples.removeAll()
                return try dumpSocket.dumpStats(started: { samples.moment = .now }) {
                    samples.append(index: $0.index, row: $0.counters)
                }
            }
            samples.duration = .now - started
            if isFirst { beginRounds() }
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

    /// All namespaces are known: what is read less often than ticks begins, and the first frame waits for it a while.
    private func beginRounds() {
        let rounds = [sampler.withLock { $0?.rounds }, bridges.withLock { $0?.rounds }].compactMap(\.self)
        for round in rounds { round.begin() }
        let deadline = DispatchTime.now() + Self.patience
        for round in rounds { round.waitForFirst(until: deadline) }
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
