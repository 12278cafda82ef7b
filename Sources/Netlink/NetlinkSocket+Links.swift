internal import CMnl
import Glibc

extension NetlinkSocket {
    /// How a dump went.
    public enum Dump: Sendable, Equatable {
        case complete
        /// Changes tore it (NLM_F_DUMP_INTR): each object in it is true, some may be missing or doubled.
        case torn
    }

    /// Dumps all links of the socket's namespace, without counters.
    ///
    /// Blocks in send() while somebody else holds RTNL, seconds at times and whatever the socket's flags are.
    ///
    /// - Throws: `NetlinkError`. A message that can't be decoded fails the whole dump, after draining it.
    public func dumpLinks(_ body: (LinkMessage) -> Void) throws(NetlinkError) -> Dump {
        try dump(.allLinks) { (message) throws(DecodeError) in body(try Self.link(in: message)) }
    }

    /// Dumps the 64-bit counters of all links of the socket's namespace. Blocks like `dumpLinks`.
    ///
    /// - Parameters:
    ///   - started: called when the kernel has read the first links' counters, before any is decoded.
    ///   - body: called with each link's counters, in place in the receive buffer.
    public func dumpStats(
        started: () -> Void, _ body: (borrowing StatsMessage) -> Void
    ) throws(NetlinkError) -> Dump {
        try dump(.allStats, started: started) { (message) throws(DecodeError) in
            guard Int(message.type) == Int(RTM_NEWSTATS) else { throw DecodeError("message type \(message.type)") }
            body(try StatsMessage(decoding: message.payload))
        }
    }

    /// Asks for one link. Blocks like `dumpLinks`.
    ///
    /// - Returns: the link, nil when the kernel says that there is none (ENODEV).
    public func link(_ index: Int32) throws(NetlinkError) -> LinkMessage? {
        let request = Request.link(index)
        var result: LinkMessage?
        do {
            try exchange(request) { (message) throws(DecodeError) in
                let link = try Self.link(in: message)
                guard link.index == index else { throw DecodeError("link \(link.index) instead of \(index)") }
                result = link
            }
        } catch {
            if error.errno == ENODEV { return nil }
            throw error
        }
        return result
    }

    /// The link that a message of an answer describes.
    private static func link(in message: borrowing Message) throws(DecodeError) -> LinkMessage {
        guard Int(message.type) == Int(RTM_NEWLINK) else { throw DecodeError("message type \(message.type)") }
        let link = try LinkMessage(decoding: message.payload, type: message.type)
        guard link.subject == .link else { throw DecodeError("bridge port \(link.index) where a link was asked for") }
        return link
    }

    /// Reads one datagram of events that has arrived.
    ///
    /// - Parameter body: called with each link message in order.
    /// - Returns: false when none was waiting.
    /// - Throws: `NetlinkError`: ENOBUFS when the kernel dropped events, `.malformed` when one can't be decoded; the
    ///   events before it were handed over, those after it in the same datagram are lost.
    public func receiveLinkEvents(_ body: (LinkMessage) -> Void) throws(NetlinkError) -> Bool {
        let operation = "read link events"
        let received: Void? = try receive(operation: operation, wait: false) { (datagram) throws(NetlinkError) in
            try Message.forEach(in: datagram, operation: operation) { (message) throws(NetlinkError) in
                let type = Int(message.type)
                guard type == Int(RTM_NEWLINK) || type == Int(RTM_DELLINK) else { return true }
                do throws(DecodeError) {
                    body(try LinkMessage(decoding: message.payload, type: message.type))
                } catch {
                    throw NetlinkError(operation, .malformed(error.what))
                }
                return true
            }
        }
        return received != nil
    }

    func dump(
        _ request: Request, started: () -> Void = {}, _ body: (borrowing Message) throws(DecodeError) -> Void
    ) throws(NetlinkError) -> Dump {
        var state = Dump.complete
        try exchange(request, started: started) { (message) throws(DecodeError) in
            if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { state = .torn }
            if Int(message.type) == Int(NLMSG_DONE) { return }
            guard message.flags & UInt16(NLM_F_MULTI) != 0 else { throw DecodeError("a dump without NLM_F_MULTI") }
            try body(message)
        }
        return state
    }

    /// Sends a request and hands `body` the messages of the answer, up to NLMSG_DONE or the one without NLM_F_MULTI.
    ///
    /// A message that can't be decoded fails the exchange, but only after the rest of the answer has been read, so that
    /// the next request does not find it.
    func exchange(
        _ request: Request, started: () -> Void = {}, _ body: (borrowing Message) throws(DecodeError) -> Void
    ) throws(NetlinkError) {
        let sequence = try send(request)
        started()
        var failure: NetlinkError?
        var (failed, finished) = (false, false)
        do throws(NetlinkError) {
            while !finished {
                _ = try receive(operation: request.operation, wait: true) { (datagram) throws(NetlinkError) in
                    try Message.forEach(in: datagram, operation: request.operation) { (message) throws(NetlinkError) in
                        guard message.sequence == sequence else { return true }  // left over from a request given up
                        finished = message.flags & UInt16(NLM_F_MULTI) == 0 || Int(message.type) == Int(NLMSG_DONE)
                        do throws(DecodeError) {
                            if message.isVerdict, case let (errno, text) = try message.verdict(), errno != 0 {
                                failure = NetlinkError(request.operation, .system(errno), extendedAck: text)
                                finished = true
                            } else if !failed {
                                try body(message)
                            }
                        } catch {
                            failure = NetlinkError(request.operation, .malformed(error.what))
                            failed = true
                        }
                        return !finished
                    }
                }
            }
        } catch { failure = error }
        guard var failure else { return }
        discardAnswers()
        failure.sequence = sequence
        throw failure
    }

    /// Reads away what is left of an answer given up. The kernel makes a dump's next part when the one before is taken,
    /// so nothing waiting means that the dump is over; before that it refuses another one (EBUSY).
    private func discardAnswers() {
        while true {
            do throws(NetlinkError) {
                guard try receive(operation: "", wait: false, { _ in }) != nil else { return }
            } catch {
                guard error.errno == ENOBUFS || error.cause == .truncated else { return }
            }
        }
    }
}
