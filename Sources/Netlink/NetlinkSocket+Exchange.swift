internal import CMnl
import Glibc

/// Requests and their answers.
extension NetlinkSocket {
    /// Sends a dump's request and hands `body` its messages.
    ///
    /// - Parameter isEnough: asked after each datagram. With true the dump ends as `.cut`, its rest unread: the socket is of
    ///   no more use, and to close it ends the kernel's work.
    func dump(
        _ request: Request, started: () -> Void = {}, isEnough: () -> Bool = { false },
        _ body: (borrowing Message) throws(DecodeError) -> Void
    ) throws(NetlinkError) -> Dump {
        var state = Dump.complete
        var isWhole = false
        try exchange(request, started: started, isEnough: isEnough) { (message) throws(DecodeError) in
            if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { state = .torn }
            if Int(message.type) == Int(NLMSG_DONE) {
                isWhole = true
                return
            }
            guard message.flags & UInt16(NLM_F_MULTI) != 0 else { throw DecodeError("a dump without NLM_F_MULTI") }
            try body(message)
        }
        return isWhole ? state : .cut
    }

    /// Sends a request and hands `body` the messages of the answer, up to NLMSG_DONE or the one without NLM_F_MULTI.
    ///
    /// A message that can't be decoded fails the exchange, but only after the rest of the answer has been read, so that
    /// the next request does not find it.
    func exchange(
        _ request: Request, started: () -> Void = {}, isEnough: () -> Bool = { false },
        _ body: (borrowing Message) throws(DecodeError) -> Void
    ) throws(NetlinkError) {
        let sequence = try send(request)
        started()
        var failure: NetlinkError?
        var (failed, finished) = (false, false)
        do throws(NetlinkError) {
            while !finished, !isEnough() {
                _ = try receive(operation: request.operation, wait: true) { (datagram, _) throws(NetlinkError) in
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
                guard try receive(operation: "", wait: false, { _, _ in }) != nil else { return }
            } catch {
                guard error.errno == ENOBUFS || error.cause == .truncated else { return }
            }
        }
    }
}
