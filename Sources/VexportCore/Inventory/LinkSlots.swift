/// Holds the links by small numbers, their places in columns, and uses those of the gone again.
struct LinkSlots: Sendable {
    private var links: [Link?] = []
    private var free: [Int] = []

    /// One more than the highest slot ever used.
    var count: Int { links.count }

    /// The link that has a slot; nil when the slot is free or its link between two namespaces.
    subscript(slot: Int) -> Link? {
        get { links[slot] }
        set { links[slot] = newValue }
    }

    mutating func take() -> Int {
        if let slot = free.popLast() { return slot }
        links.append(nil)
        return links.count - 1
    }

    mutating func release(_ slot: Int) {
        links[slot] = nil
        free.append(slot)
    }
}
