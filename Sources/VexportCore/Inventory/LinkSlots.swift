/// Gives links small numbers, their places in columns, and uses those of the gone again.
struct LinkSlots: Sendable {
    private var places: [LinkPlace?] = []
    private var free: [Int] = []

    /// One more than the highest slot ever used.
    var count: Int { places.count }

    /// Where the link of a slot is; nil when the slot is free or its link between two namespaces.
    subscript(slot: Int) -> LinkPlace? {
        get { places[slot] }
        set { places[slot] = newValue }
    }

    mutating func take(for place: LinkPlace) -> Int {
        if let slot = free.popLast() {
            places[slot] = place
            return slot
        }
        places.append(place)
        return places.count - 1
    }

    mutating func release(_ slot: Int) {
        places[slot] = nil
        free.append(slot)
    }
}
