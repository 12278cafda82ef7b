internal import CMnl

/// A netlink message's header and payload, in place in the receive buffer.
struct Message: ~Escapable {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    /// The port of the socket that asked for it; 0 for the kernel itself.
    let port: UInt32
    let payload: RawSpan

    @_lifetime(copy payload)
    init(type: UInt16, flags: UInt16, sequence: UInt32, port: UInt32, payload: RawSpan) {
        self.type = type
        self.flags = flags
        self.sequence = sequence
        self.port = port
        self.payload = payload
    }

    /// Visits the messages of one datagram until `body` returns false.
    ///
    /// - Throws: `NetlinkError` for `operation` when a header's length does not fit the datagram, and what `body`
    ///   throws.
    @inline(__always)  // with what `body` does: a tick has ten thousand messages
    static func forEach(
        in datagram: RawSpan, operation: String, _ body: (borrowing Message) throws(NetlinkError) -> Bool
    ) throws(NetlinkError) {
        let headerSize = 16
        var offset = 0
        while offset < datagram.byteCount {
            let left = datagram.byteCount - offset
            guard left >= headerSize else {
                throw NetlinkError(operation, .malformed("\(left) stray bytes at offset \(offset)"))
            }
            let length = Int(unsafe datagram.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
            guard length >= headerSize, length <= left else {
                throw NetlinkError(
                    operation, .malformed("message at offset \(offset) claims \(length) bytes of \(left)"))
            }
            let goesOn = try body(
                Message(
                    type: unsafe datagram.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt16.self),
                    flags: unsafe datagram.unsafeLoadUnaligned(fromByteOffset: offset + 6, as: UInt16.self),
                    sequence: unsafe datagram.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt32.self),
                    port: unsafe datagram.unsafeLoadUnaligned(fromByteOffset: offset + 12, as: UInt32.self),
                    payload: datagram.extracting((offset + headerSize)..<(offset + length))))
            guard goesOn else { return }
            offset += (length + 3) & ~3
        }
    }

    /// Whether it is the kernel's word on the request, and not a part of what was asked for.
    var isVerdict: Bool { Int(type) == Int(NLMSG_ERROR) || Int(type) == Int(NLMSG_DONE) }

    /// The errno that an NLMSG_ERROR or NLMSG_DONE message carries, and the kernel's explanation. 0 for success.
    func verdict() throws(DecodeError) -> (errno: Int32, extendedAck: String?) {
        // A dump may end with an NLMSG_DONE that has no body.
        if Int(type) == Int(NLMSG_DONE), payload.byteCount < 4 { return (0, nil) }
        let code = try payload.load(0, as: Int32.self)
        guard code <= 0, code > -4096 else { throw DecodeError("error code \(code)") }  // MAX_ERRNO
        guard flags & UInt16(NLM_F_ACK_TLVS) != 0 else { return (-code, nil) }
        var start = 4
        if Int(type) == Int(NLMSG_ERROR) {
            // The request follows: whole unless NLM_F_CAPPED says that only its header does.
            let echoed = flags & UInt16(NLM_F_CAPPED) != 0 ? 16 : Int(try payload.load(4, as: UInt32.self))
            start = 4 + (echoed + 3) & ~3
        }
        guard start <= payload.byteCount else { throw DecodeError("echoed request of \(start) bytes does not fit") }
        var text: String?
        try Attributes(payload.extracting(start..<payload.byteCount)).forEach { (attribute) throws(DecodeError) in
            if attribute.type == Int(NLMSGERR_ATTR_MSG.rawValue) {
                text = Self.printable(attribute.cString())
            }
        }
        return (-code, text)
    }

    /// Drivers put names of links and rules into their explanations, so these are as hostile as names are.
    private static func printable(_ bytes: [UInt8]) -> String {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        return String(String.UnicodeScalarView(scalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
