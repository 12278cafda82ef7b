internal import CMnl

/// One RTM_NEWSTATS message of an RTM_GETSTATS dump, read in place: a link and its 64-bit counters.
public struct StatsMessage: ~Escapable {
    public let index: Int32
    /// struct rtnl_link_stats64 as the kernel sent it: a row of 64-bit counters. A newer kernel appends to it, an older
    /// one ends early. Empty when the link has none. Source: IFLA_STATS_LINK_64.
    public let counters: RawSpan

    @inline(__always)
    @_lifetime(copy payload)
    public init(decoding payload: RawSpan) throws(DecodeError) {
        guard payload.byteCount >= Self.headerSize else {
            throw DecodeError("stats message of \(payload.byteCount) bytes")
        }
        let index = unsafe payload.unsafeLoadUnaligned(fromByteOffset: 4, as: Int32.self)
        guard index > 0 else { throw DecodeError("stats message for interface index \(index)") }
        let only = Self.onlyCounters(in: payload)
        let place =
            if let only {
                only
            } else {
                try Self.attribute(Int(IFLA_STATS_LINK_64), in: payload, after: Self.headerSize)
            }
        guard place.count % 8 == 0 else { throw DecodeError("IFLA_STATS_LINK_64 of \(place.count) bytes") }
        self.index = index
        self.counters = payload.extracting(place)
    }

    /// Where the counters lie when nothing else was sent, as is asked for: ticks decode links by the ten thousand.
    private static func onlyCounters(in payload: RawSpan) -> Range<Int>? {
        let start = headerSize + 4
        guard payload.byteCount >= start else { return nil }
        let length = unsafe payload.unsafeLoadUnaligned(fromByteOffset: headerSize, as: UInt16.self)
        let type = unsafe payload.unsafeLoadUnaligned(fromByteOffset: headerSize + 2, as: UInt16.self)
        guard Int(length) == payload.byteCount - headerSize, Int(type) == Int(IFLA_STATS_LINK_64) else { return nil }
        return start..<payload.byteCount
    }

    /// Where an attribute lies among others, found through offsets because a span can't leave the closure. Empty when it
    /// is not there.
    private static func attribute(
        _ type: Int, in payload: RawSpan, after headerSize: Int
    ) throws(DecodeError) -> Range<Int> {
        var place = headerSize..<headerSize
        var offset = headerSize
        try Attributes(payload.extracting(headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            let start = offset + 4
            let count = attribute.payload.byteCount
            if attribute.type == type { place = start..<(start + count) }
            offset = start + (count + 3) & ~3
        }
        return place
    }

    /// Reads an RTM_NEWLINK message of a dump with counters in the same way. Source: IFLA_STATS64.
    @_lifetime(copy payload)
    init(decodingLink payload: RawSpan) throws(DecodeError) {
        index = try payload.load(4, as: Int32.self)
        guard index > 0, payload.byteCount >= LinkMessage.headerSize else {
            throw DecodeError("link message of \(payload.byteCount) bytes for interface index \(index)")
        }
        let place = try Self.attribute(Int(IFLA_STATS64), in: payload, after: LinkMessage.headerSize)
        guard place.count % 8 == 0 else { throw DecodeError("IFLA_STATS64 of \(place.count) bytes") }
        counters = payload.extracting(place)
    }

    /// sizeof(struct if_stats_msg).
    static let headerSize = 12
}
