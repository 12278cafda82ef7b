import Glibc
internal import Netlink
import VexportCore

/// The event thread: reads events, and never asks the kernel for anything.
extension LinkCollector {
    /// How many messages are handed over at once, at most.
    private static let batch = 512

    func watchEvents() {
        var lostAt: ContinuousClock.Instant?
        while !isStopping {
            eventWakeUp.wait(for: [.readable(eventSocket.descriptor)])
            while !isStopping, readBatch(&lostAt) {}
        }
    }

    /// Hands over the events that are waiting. False when there were none.
    ///
    /// - Parameter lostAt: when events were first lost since the last time that none was waiting. Only then is a dump
    ///   asked for: what waits now is older than the loss, and until it is all read the kernel drops whatever happens.
    private func readBatch(_ lostAt: inout ContinuousClock.Instant?) -> Bool {
        var changes: [LinkChange] = []
        var events: (links: UInt64, ports: UInt64, namespaces: UInt64) = (0, 0, 0)
        var failure: NetlinkError?
        var goesOn = true
        do throws(NetlinkError) {
            while goesOn, changes.count < Self.batch {
                goesOn = try eventSocket.receiveEvents { event, namespace in
                    switch event {
                    case .link(let message, _) where message.subject == .link: events.links += 1
                    case .link: events.ports += 1
                    case .namespaceNumber: events.namespaces += 1
                    }
                    if let change = LinkChange(event, from: namespace) { changes.append(change) }
                }
            }
        } catch { failure = error }
        let isResyncing = state.withLock {
            $0.statistics.linkEvents += events.links
            $0.statistics.portEvents += events.ports
            $0.statistics.namespaceEvents += events.namespaces
            if let failure {
                if failure.errno == ENOBUFS { $0.statistics.overruns += 1 } else { $0.statistics.malformedEvents += 1 }
            }
            return $0.schedule.isResyncing
        }
        if let failure {
            // A storm brings hundreds of losses a second: the metrics count them, the log has one line a resync.
            if lostAt == nil, !isResyncing { logger.warning("\(failure); dumping all links again") }
            lostAt = lostAt ?? .now
        }
        handOver(changes)
        if !goesOn, let since = lostAt {
            lostAt = nil
            state.withLock { $0.schedule.requestDump(since: since, at: .now) }
            dumpWakeUp.signal()
        }
        return goesOn
    }

    private func handOver(_ changes: [LinkChange]) {
        guard !changes.isEmpty else { return }
        eventRoom.wait()
        order.withLock { order in
            let now = order.receive(changes)
            if now.isEmpty {
                eventRoom.signal()
            } else {
                enqueue(now) { [eventRoom] in eventRoom.signal() }
            }
        }
    }
}
