internal import CHost
import Glibc
import VexportCore

/// One end of a pair of sockets that keep the borders of packets.
struct PacketSocket {
    let descriptor: Int32

    /// Two ends. The helper's must not be inherited by any program but the helper.
    static func pair() throws(SystemCallError) -> (PacketSocket, PacketSocket) {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemCallError.last("socketpair") }
        return (PacketSocket(descriptor: ends[0]), PacketSocket(descriptor: ends[1]))
    }

    /// Sends a packet; waits until there is room.
    ///
    /// - Parameter passed: a descriptor that the other end gets a copy of.
    /// - Returns: false when the other end is gone.
    func send(_ packet: [UInt8], passing passed: Int32? = nil) -> Bool {
        while true {
            let count = unsafe packet.withUnsafeBytes {
                unsafe host_send(descriptor, $0.baseAddress, $0.count, passed ?? -1)
            }
            if count == packet.count { return true }
            guard count < 0, errno == EINTR else { return false }
        }
    }

    /// Waits for a packet.
    ///
    /// - Returns: nil when the other end is gone, or the packet is larger than any that is sent. A descriptor that came
    ///   with it is the caller's to close.
    func receive(limit: Int) -> (packet: [UInt8], passed: Int32?)? {
        var packet = [UInt8](repeating: 0, count: limit + 1)
        while true {
            var passed: Int32 = -1
            let count = unsafe packet.withUnsafeMutableBytes {
                unsafe host_receive(descriptor, $0.baseAddress, $0.count, &passed)
            }
            if count > 0, count <= limit { return (Array(packet.prefix(count)), passed < 0 ? nil : passed) }
            if passed >= 0 { Glibc.close(passed) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    func close() {
        Glibc.close(descriptor)
    }
}
