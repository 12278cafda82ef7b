import Glibc
internal import Netlink
import VexportCore

/// The event thread: reads link events, and never asks the kernel for anything.
extension LinkCollector {
    /// How many messages are handed over at once, at most.
    private static let batch = 512

    func watchEvents() {
        while !isStopping {
            eventWakeUp.wait(for: eventSocket.descriptor)
            while !isStopping, readBatch() {}
        }
    }

    /// Hands over the events that are waiting. False when there were none.
    private func readBatch() -> Bool {
        var changes: [LinkChange] = []
        var events: (links: UInt64, ports: UInt64) = (0, 0)
        var failure: NetlinkError?
        do throws(NetlinkError) {
            while changes.count < Self.batch,
                try eventSocket.receiveLinkEvents({ message in
                    if message.subject == .link { events.links += 1 } else { events.ports += 1 }
                    if let change = LinkChange(event: message) { changes.append(change) }
                })
            {}
        } catch { failure = error }
        let hasLost = failure != nil
        state.withLock {
            $0.statistics.linkEvents += events.links
            $0.statistics.portEvents += events.ports
            guard let failure else { return }
            if failure.errno == ENOBUFS { $0.statistics.overruns += 1 } else { $0.statistics.malformedEvents += 1 }
            $0.requestResync()
        }
        if let failure {
            logger.warning("\(failure); dumping all links again")
            dumpWakeUp.signal()
        }
        guard !changes.isEmpty else { return hasLost }
        eventRoom.wait()
        order.withLock { order in
            let now = order.receive(changes)
            if now.isEmpty {
                eventRoom.signal()
            } else {
                enqueue(now) { [eventRoom] in eventRoom.signal() }
            }
        }
        return true
    }
}
