internal import CMnl
import Glibc

/// A netlink socket, NETLINK_ROUTE unless said otherwise, in the namespace of the thread that opened it.
///
/// One thread uses it at a time: requests and their answers share its receive buffer.
@safe public final class NetlinkSocket: @unchecked Sendable {  // handed over whole to the one thread that uses it
    private let socket: OpaquePointer
    private let buffer: UnsafeMutableRawBufferPointer
    private let receiveMessage: ReceiveCall
    private var lastSequence: UInt32 = 0

    /// recvmsg(2), or what a kernel's stand-in has in its place: a socket pair has no senders and loses nothing.
    typealias ReceiveCall = @Sendable (Int32, UnsafeMutablePointer<msghdr>, Int32) -> Int

    /// The kernel fills about 31 KB a receive, however large the buffer; a single message may be larger.
    private static let bufferSize = 64 << 10

    /// The kernel answers inside send(), so an answer that is not there was lost. Seconds.
    private static let patience = 10

    /// Opens and binds a socket.
    ///
    /// - Throws: `NetlinkError` with the system call's errno, e.g. EMFILE.
    public convenience init() throws(NetlinkError) {
        try self.init(protocol: NETLINK_ROUTE)
    }

    convenience init(protocol number: Int32) throws(NetlinkError) {
        guard let socket = unsafe mnl_socket_open2(number, Int32(SOCK_CLOEXEC.rawValue)) else {
            throw .lastSystemError("open a netlink socket of protocol \(number)")
        }
        unsafe self.init(adopting: socket, receive: { unsafe recvmsg($0, $1, $2) })
        guard unsafe mnl_socket_bind(socket, 0, 0) == 0 else { throw .lastSystemError("bind a netlink socket") }
        try setAnswerTimeout(seconds: Self.patience)
        // Without these the kernel still answers, only less strictly and with fewer words: not worth failing for.
        try? setOption(NETLINK_GET_STRICT_CHK, true)
        try? setOption(NETLINK_EXT_ACK, true)
        try? setOption(NETLINK_CAP_ACK, true)
    }

    /// Takes over an open descriptor: one end of a socket pair with a kernel's stand-in at the other.
    ///
    /// - Throws: `NetlinkError` when the descriptor is no socket.
    convenience init(adopting descriptor: Int32, receive: @escaping ReceiveCall) throws(NetlinkError) {
        guard let socket = unsafe mnl_socket_fdopen(descriptor) else {
            throw .lastSystemError("adopt descriptor \(descriptor)")
        }
        unsafe self.init(adopting: socket, receive: receive)
    }

    private init(adopting socket: OpaquePointer, receive: @escaping ReceiveCall) {
        unsafe self.socket = socket
        unsafe receiveMessage = receive
        unsafe buffer = .allocate(byteCount: Self.bufferSize, alignment: 16)
    }

    deinit {
        unsafe buffer.deallocate()
        unsafe mnl_socket_close(socket)
    }

    /// For poll.
    public var descriptor: Int32 { unsafe mnl_socket_get_fd(socket) }

    /// Subscribes to events: of links (RTNLGRP_LINK: AF_UNSPEC and AF_BRIDGE) and of the numbers that namespaces have
    /// (RTNLGRP_NSID).
    public func subscribe() throws(NetlinkError) {
        for (group, name) in [(RTNLGRP_LINK, "RTNLGRP_LINK"), (RTNLGRP_NSID, "RTNLGRP_NSID")] {
            var number = group.rawValue
            guard unsafe mnl_socket_setsockopt(socket, Int32(NETLINK_ADD_MEMBERSHIP), &number, 4) == 0 else {
                throw .lastSystemError("subscribe to \(name)")
            }
        }
    }

    /// Has the events of all namespaces that have a number here delivered too. Needs CAP_NET_BROADCAST.
    public func listenToAllNamespaces() throws(NetlinkError) { try setOption(NETLINK_LISTEN_ALL_NSID, true) }

    /// Asks for a receive buffer of `bytes`, beyond net.core.rmem_max where CAP_NET_ADMIN allows.
    ///
    /// - Returns: what the kernel granted, in bytes of its own accounting: twice what was asked for, if it grants all.
    @discardableResult
    public func setReceiveBuffer(_ bytes: Int32) throws(NetlinkError) -> Int32 {
        var size = bytes
        let length = socklen_t(MemoryLayout<Int32>.size)
        if unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, length) != 0,
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, length) != 0
        {
            throw .lastSystemError("set SO_RCVBUF to \(bytes)")
        }
        var granted: Int32 = 0
        var grantedLength = length
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &granted, &grantedLength) == 0 else {
            throw .lastSystemError("read SO_RCVBUF")
        }
        return granted
    }

    private func setOption(_ option: Int32, _ value: Bool) throws(NetlinkError) {
        var number: Int32 = value ? 1 : 0
        guard unsafe mnl_socket_setsockopt(socket, option, &number, 4) == 0 else {
            throw .lastSystemError("set netlink option \(option)")
        }
    }

    /// How long an exchange waits for the kernel's next datagram. Waiting for RTNL does not count: that is in send() or
    /// after a datagram was taken.
    private func setAnswerTimeout(seconds: Int) throws(NetlinkError) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, length) == 0 else {
            throw .lastSystemError("set SO_RCVTIMEO")
        }
    }

    // MARK: - Requests

    /// Sends a request and gives it the next sequence number.
    func send(_ request: borrowing Request) throws(NetlinkError) -> UInt32 {
        lastSequence &+= 1
        let sequence = lastSequence
        let sent = unsafe request.withBytes(sequence: sequence) { bytes in
            unsafe mnl_socket_sendto(socket, bytes.baseAddress!, bytes.count)
        }
        guard sent >= 0 else { throw .lastSystemError(request.operation, sequence: sequence) }
        return sequence
    }

    /// Receives one datagram and lends it to `body`. Waits for it unless `wait` is false.
    ///
    /// Datagrams from other processes, which may send to a netlink port when they have CAP_NET_ADMIN, are dropped.
    ///
    /// - Parameter body: called with the datagram and the number of the namespace that it came from; nil for the socket's
    ///   own.
    /// - Returns: `body`'s result, nil when nothing was there.
    /// - Throws: `NetlinkError`: ENOBUFS when messages were lost, `.unanswered`, `.truncated`, and what `body` throws.
    func receive<Result>(
        operation: String, wait: Bool, _ body: (RawSpan, Int32?) throws(NetlinkError) -> Result
    ) throws(NetlinkError) -> Result? {
        while true {
            var sender = sockaddr_nl()
            var flags: Int32 = 0
            var namespace: Int32?
            let count = unsafe withUnsafeMutablePointer(to: &sender) { name in
                var vector = unsafe iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                    var header = unsafe msghdr()
                    unsafe header.msg_name = UnsafeMutableRawPointer(name)
                    unsafe header.msg_namelen = socklen_t(MemoryLayout<sockaddr_nl>.size)
                    unsafe header.msg_iov = vector
                    unsafe header.msg_iovlen = 1
                    return unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { control in
                        unsafe control.initializeMemory(as: UInt8.self, repeating: 0)
                        unsafe header.msg_control = control.baseAddress
                        unsafe header.msg_controllen = control.count
                        let count = unsafe receiveMessage(descriptor, &header, wait ? 0 : Int32(MSG_DONTWAIT))
                        flags = unsafe header.msg_flags
                        if count >= 0 {
                            namespace = unsafe Self.sender(in: UnsafeRawBufferPointer(control), header.msg_controllen)
                        }
                        return count
                    }
                }
            }
            if count < 0 {
                let error = NetlinkError.lastSystemError(operation)
                switch error.errno {
                case EINTR: continue
                case EAGAIN where wait: throw NetlinkError(operation, .unanswered)
                case EAGAIN: return nil
                default: throw error
                }
            }
            // A socket pair's other end has no address and reads as family 0.
            if sender.nl_family == sa_family_t(AF_NETLINK), sender.nl_pid != 0 { continue }
            guard flags & Int32(MSG_TRUNC) == 0 else { throw NetlinkError(operation, .truncated) }
            guard count > 0 else { throw NetlinkError(operation, .malformed("empty datagram")) }
            let datagram = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(buffer.baseAddress!), byteCount: count)
            return try body(datagram, namespace)
        }
    }

    /// The number in a NETLINK_LISTEN_ALL_NSID control message: struct cmsghdr (length, level, type) and an int.
    private static func sender(in control: UnsafeRawBufferPointer, _ length: Int) -> Int32? {
        let headerSize = MemoryLayout<cmsghdr>.size
        guard length >= headerSize + 4 else { return nil }
        let header = unsafe control.loadUnaligned(as: cmsghdr.self)
        guard header.cmsg_len >= headerSize + 4, header.cmsg_level == SOL_NETLINK,
            header.cmsg_type == NETLINK_LISTEN_ALL_NSID
        else { return nil }
        return unsafe control.loadUnaligned(fromByteOffset: headerSize, as: Int32.self)
    }
}
