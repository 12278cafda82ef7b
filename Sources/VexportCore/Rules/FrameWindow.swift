/// A tick, one that was a window's length earlier, and the links of some between. All that it tells is by slot.
struct FrameWindow {
    let start: TickFrame
    let end: TickFrame
    /// From start to end.
    let links: [FrameLinks]

    /// Whether these counters of all links are what they were at the start; without counters, whether the links are.
    func isStill(_ counters: [LinkCounter]) -> Bool {
        start.links === end.links && end.counters.areEqual(to: start.counters, counters)
            && end.counters.isRemoteStill(counters)
    }

    /// What a sum of counters grew by per second; nil where there is no telling, such as for a link that was not there at
    /// the start.
    @_optimize(speed)  // a loop over all links, once for each rule and tick
    func rates(_ counters: [LinkCounter]) -> [Double?] {
        let isThere = wasThere
        let seconds = end.counters.blocks.map { later in
            start.counters.blocks.map { (later.moment.instant - $0.moment.instant).seconds }
        }
        var sums = [Double?](repeating: nil, count: isThere.count)
        for counter in counters {
            let (old, new) = (start.counters.sums([counter]), end.counters.sums([counter]))
            for slot in 0..<min(sums.count, old.count, new.count) where isThere[slot] {
                guard let before = old[slot], let now = new[slot] else { continue }
                let passed = seconds[Int(end.counters.places[slot].block)][Int(start.counters.places[slot].block)]
                if passed > 0 {
                    sums[slot] = (sums[slot] ?? 0) + Double(now >= before ? now - before : now) / passed
                } else if let rate = end.rate(counter, slot: slot, since: start) {
                    sums[slot] = (sums[slot] ?? 0) + rate
                }
            }
        }
        return sums
    }

    /// The same of a counter that is a part of the link's state.
    func rates(_ value: (LinkRecord) -> Double?) -> [Double?] {
        let seconds = (end.moment.instant - start.moment.instant).seconds
        return ends { old, new in
            if old === new { return value(new) == nil ? nil : 0 }
            guard seconds > 0, let now = value(new), let before = value(old) else { return nil }
            return (now >= before ? now - before : now) / seconds
        }
    }

    /// What a value was on average.
    func averages(_ value: (LinkRecord) -> Double?) -> [Double?] {
        let isSteady = isSteady
        return ends { old, new in
            let slot = new.link.slot
            if isSteady[slot] { return value(new) }
            guard value(old) != nil else { return nil }
            let values = links.compactMap { links in
                links[slot].flatMap { $0.link.identity == new.link.identity ? value($0) : nil }
            }
            return values.reduce(0, +) / Double(values.count)
        }
    }

    /// Which links had one record all the time: it is made anew when anything of its link changes.
    @_optimize(speed)
    private var isSteady: [Bool] {
        let records = end.links.records
        var isSteady = [Bool](repeating: true, count: records.count)
        for links in links where links !== end.links {
            for slot in records.indices where slot >= links.records.count || links.records[slot] !== records[slot] {
                isSteady[slot] = false
            }
        }
        return isSteady
    }

    /// Which links were there at the start, and are.
    private var wasThere: [Bool] { ends { _, _ in 1 }.map { $0 != nil } }

    /// Calls `body` with each link as it was at the start and as it is. nil for those that were not there.
    private func ends(_ body: (_ old: LinkRecord, _ new: LinkRecord) -> Double?) -> [Double?] {
        let (olds, news) = (start.links.records, end.links.records)
        return news.indices.map { slot in
            guard olds.indices.contains(slot), let new = news[slot], let old = olds[slot],
                old === new || old.link.identity == new.link.identity
            else { return nil }
            return body(old, new)
        }
    }
}
