import Glibc
internal import Netlink
import VexportCore

extension NetlinkSocket {
    func link(_ address: LinkAddress) throws(NetlinkError) -> LinkState? {
        try link(address.index, in: address.namespace).map { LinkState($0) }
    }
}

extension AddressMessage {
    /// fe80::/10, which every link with IPv6 has by itself.
    var isLinkLocal: Bool { family == UInt8(AF_INET6) && address.starts(with: [0xfe]) && scope == 253 }

    /// RT_SCOPE_HOST.
    var isLoopback: Bool { scope == 254 }

    /// As a person writes it.
    var text: String {
        guard address.count == (family == UInt8(AF_INET) ? 4 : 16) else { return "an address" }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard unsafe inet_ntop(Int32(family), address, &buffer, socklen_t(buffer.count)) != nil else {
            return "an address"
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension RouteMessage {
    /// RTPROT_KERNEL: what the kernel adds for every address and link.
    static let kernelOrigin: UInt8 = 2
}

extension StatsMessage {
    /// The first counter, rx_packets; 0 where there is none.
    var receivedPackets: UInt64 {
        counters.byteCount >= 8 ? unsafe counters.unsafeLoadUnaligned(as: UInt64.self) : 0
    }
}
