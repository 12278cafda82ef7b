internal import CMnl

/// One RTM_NEWSTATS message of an RTM_GETSTATS dump, read in place: a link and its 64-bit counters.
public struct StatsMessage: ~Escapable {
    public let index: Int32
    /// struct rtnl_link_stats64 as the kernel sent it: a row of 64-bit counters. A newer kernel appends to it, an older
    /// one ends early. Empty when the link has none. Source: IFLA_STATS_LINK_64.
    public let counters: RawSpan

    @_lifetime(copy payload)
    public init(decoding payload: RawSpan) throws(DecodeError) {
        let index = try payload.load(4, as: Int32.self)
        guard payload.byteCount >= Self.headerSize, index > 0 else {
            throw DecodeError("stats message of \(payload.byteCount) bytes for interface index \(index)")
        }
        // Where the counters lie, found through offsets because a span can't leave the closure.
        var place = Self.headerSize..<Self.headerSize
        var offset = Self.headerSize
        try Attributes(payload.extracting(Self.headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            let start = offset + 4
            let count = attribute.payload.byteCount
            if attribute.type == Int(IFLA_STATS_LINK_64) {
                guard count % 8 == 0 else { throw DecodeError("IFLA_STATS_LINK_64 of \(count) bytes") }
                place = start..<(start + count)
            }
            offset = start + (count + 3) & ~3
        }
        self.index = index
        self.counters = payload.extracting(place)
    }

    /// sizeof(struct if_stats_msg).
    static let headerSize = 12
}
