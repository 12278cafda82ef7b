/// Keeps the number of links' series under a limit: new links that do not fit are left out whole, and those that are
/// exposed stay so, since a series that vanishes looks like a link that did.
struct SeriesBudget: Sendable {
    private let limit: Int
    /// The births of the links exposed, by slot.
    private var exposed: [UInt64?] = []
    /// Series of links left out.
    private(set) var refused = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Decides anew which links are exposed.
    ///
    /// - Parameter candidates: for each slot the link's birth and how many series it would have; nil for none.
    /// - Returns: for each slot whether it is.
    mutating func admit(_ candidates: [(birth: UInt64, series: Int)?]) -> [Bool] {
        exposed += Array(repeating: nil, count: max(0, candidates.count - exposed.count))
        var used = 0
        var new: [(slot: Int, birth: UInt64, series: Int)] = []
        for (slot, candidate) in candidates.enumerated() {
            if let candidate, exposed[slot] == candidate.birth {
                used += candidate.series
            } else {
                exposed[slot] = nil
                if let candidate { new.append((slot, candidate.birth, candidate.series)) }
            }
        }
        refused = 0
        for link in new.sorted(by: { $0.birth < $1.birth }) {
            if used + link.series <= limit {
                used += link.series
                exposed[link.slot] = link.birth
            } else {
                refused += link.series
            }
        }
        return exposed.prefix(candidates.count).map { $0 != nil }
    }
}
