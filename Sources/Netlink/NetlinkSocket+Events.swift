internal import CMnl

extension NetlinkSocket {
    /// What an event is about.
    public enum Event: Sendable {
        /// With the port of the socket that asked for the change, 0 where the kernel does not say.
        case link(LinkMessage, requester: UInt32)
        /// A namespace has a number in the sender's table now, or has it no more.
        case namespaceNumber(Int32, isDeletion: Bool)
    }

    /// Reads one datagram of events that has arrived.
    ///
    /// - Parameter body: called with each event in order, and the number of the namespace that it happened in; nil for the
    ///   socket's own.
    /// - Returns: false when none was waiting.
    /// - Throws: `NetlinkError`: ENOBUFS when the kernel dropped events, `.malformed` when one can't be decoded; the
    ///   events before it were handed over, those after it in the same datagram are lost.
    public func receiveEvents(_ body: (Event, Int32?) -> Void) throws(NetlinkError) -> Bool {
        let operation = "read link events"
        let received: Void? = try receive(operation: operation, wait: false) {
            (datagram, namespace) throws(NetlinkError) in
            try Message.forEach(in: datagram, operation: operation) { (message) throws(NetlinkError) in
                do throws(DecodeError) {
                    switch Int(message.type) {
                    case Int(RTM_NEWLINK), Int(RTM_DELLINK):
                        let link = try LinkMessage(decoding: message.payload, type: message.type)
                        body(.link(link, requester: message.port), namespace)
                    case Int(RTM_NEWNSID), Int(RTM_DELNSID):
                        let number = try Self.namespaceNumber(in: message.payload)
                        body(.namespaceNumber(number, isDeletion: Int(message.type) == Int(RTM_DELNSID)), namespace)
                    default: break
                    }
                } catch {
                    throw NetlinkError(operation, .malformed(error.what))
                }
                return true
            }
        }
        return received != nil
    }
}
