import CTestSupport
import Foundation
import Synchronization

/// A socket pair of which one end reads like a netlink socket: what the other end delivers comes out of `receive` with a
/// sender, or as an errno.
final class PacketPair: Sendable {
    /// vexport's end.
    private let outer: Int32
    /// The fake kernel's end.
    let inner: Int32
    /// Held while several packets are delivered that belong together.
    let whole = Mutex<Void>(())

    /// - Parameter patience: how long the outer end waits for a packet.
    init(patience: Duration) throws {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0 else {
            throw Command.Failure(description: "socketpair: errno \(errno)")
        }
        (outer, inner) = (ends[0], ends[1])
        var room: Int32 = 8 << 20  // for whatever a script delivers at once
        setsockopt(inner, SOL_SOCKET, SO_SNDBUFFORCE, &room, 4)
        var time = timeval(
            tv_sec: Int(patience.components.seconds),
            tv_usec: Int(patience.components.attoseconds / 1_000_000_000_000))
        setsockopt(outer, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(outer)
        close(inner)
    }

    /// A descriptor of the outer end, for one who closes it.
    var descriptor: Int32 { dup(outer) }

    /// Bytes that the outer end has not read yet, envelopes included.
    var unread: Int32 {
        var count: Int32 = 0
        _ = ioctl(outer, UInt(FIONREAD), &count)
        return count
    }

    func deliver(_ delivery: Delivery) {
        let envelope = Wire.bytes(delivery.errno) + Wire.bytes(delivery.sender) + Wire.bytes(delivery.namespace ?? -1)
        let packet = envelope + delivery.bytes
        let count = packet.withUnsafeBytes { send(inner, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        precondition(count == packet.count || errno == EPIPE, "a packet of \(packet.count) bytes: errno \(errno)")
    }

    /// recvmsg for the outer end: takes the envelope off.
    static func receive(_ descriptor: Int32, _ header: UnsafeMutablePointer<msghdr>, _ flags: Int32) -> Int {
        var packet = [UInt8](repeating: 0, count: 256 << 10)
        let count = recv(descriptor, &packet, packet.count, flags)
        guard count >= 12 else { return count }
        let code = packet.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
        guard code == 0 else {
            errno = code
            return -1
        }
        var sender = sockaddr_nl()
        sender.nl_family = sa_family_t(AF_NETLINK)
        sender.nl_pid = packet.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }
        header.pointee.msg_name.copyMemory(from: &sender, byteCount: MemoryLayout<sockaddr_nl>.size)
        let room = header.pointee.msg_iov.pointee
        let length = min(count - 12, room.iov_len)
        packet.withUnsafeBytes { room.iov_base.copyMemory(from: $0.baseAddress! + 12, byteCount: length) }
        header.pointee.msg_flags = count - 12 > length ? Int32(MSG_TRUNC) : 0
        let namespace = packet.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: Int32.self) }
        header.pointee.msg_controllen = 0
        if namespace >= 0 {
            // struct cmsghdr: its length, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID; then the number.
            let control = Wire.bytes(20) + Wire.bytes(Int32(270)) + Wire.bytes(Int32(8)) + Wire.bytes(namespace)
            control.withUnsafeBytes { header.pointee.msg_control.copyMemory(from: $0.baseAddress!, byteCount: 20) }
            header.pointee.msg_controllen = 20
        }
        return length
    }
}

/// What one recvmsg gives.
public struct Delivery: Sendable, CustomStringConvertible {
    var bytes: [UInt8] = []
    var sender: UInt32 = 0
    var errno: Int32 = 0
    var namespace: Int32?

    /// A datagram of the kernel's, or of the process with this port.
    public static func datagram(_ messages: [UInt8]..., from sender: UInt32 = 0) -> Delivery {
        Delivery(bytes: Array(messages.joined()), sender: sender)
    }

    /// The same, from another namespace that has this number here.
    public func from(namespace: Int32) -> Delivery {
        var delivery = self
        delivery.namespace = namespace
        return delivery
    }

    /// The call fails: ENOBUFS is how the kernel says that it dropped something.
    public static func failure(_ errno: Int32) -> Delivery { Delivery(errno: errno) }

    public var description: String { errno != 0 ? "errno \(errno)" : "\(bytes.count) bytes from \(sender)" }
}
