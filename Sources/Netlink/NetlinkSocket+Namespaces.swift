internal import CMnl
import Glibc

/// Namespaces go by numbers in messages. None of this waits for RTNL.
extension NetlinkSocket {
    /// All numbers in the table of the socket's namespace.
    public func dumpNamespaceNumbers(_ body: (Int32) -> Void) throws(NetlinkError) -> Dump {
        try dump(.allNamespaceNumbers) { (message) throws(DecodeError) in
            guard Int(message.type) == Int(RTM_NEWNSID) else { throw DecodeError("message type \(message.type)") }
            body(try Self.namespaceNumber(in: message.payload))
        }
    }

    /// The number of the namespace that an open file stands for; nil when it has none.
    public func namespaceNumber(of file: Int32) throws(NetlinkError) -> Int32? {
        var number: Int32?
        try exchange(.namespaceNumber(of: file)) { (message) throws(DecodeError) in
            number = try Self.namespaceNumber(in: message.payload)
        }
        return number.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// Gives a number to the namespace that an open file stands for, unless it has one. Needs CAP_NET_ADMIN. That keeps
    /// no namespace alive.
    public func numberNamespace(of file: Int32) throws(NetlinkError) {
        do throws(NetlinkError) {
            try exchange(.numberNamespace(of: file)) { _ in }
        } catch {
            guard error.errno == EEXIST else { throw error }
        }
    }

    /// The number that an RTM_NEWNSID or RTM_DELNSID message is about. Source: NETNSA_NSID.
    static func namespaceNumber(in payload: RawSpan) throws(DecodeError) -> Int32 {
        let headerSize = 4  // struct rtgenmsg and its padding
        guard payload.byteCount >= headerSize else { throw DecodeError("nsid message of \(payload.byteCount) bytes") }
        var number: Int32?
        try Attributes(payload.extracting(headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            if attribute.type == Int(NETNSA_NSID) { number = try attribute.int32() }
        }
        guard let number else { throw DecodeError("nsid message without NETNSA_NSID") }
        return number
    }
}
