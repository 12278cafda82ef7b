import VexportCore

/// Puts events and answers in an order that ends right.
///
/// An answer (a dump, or one link asked for) takes time, and events that arrive meanwhile may be older or newer than what
/// it says of their link. Held back and applied after it, they end right either way: whatever changed since the answer
/// was read is among them, and the last word on each link is the kernel's last.
struct EventOrder {
    /// How many changes are held back. More, and the answer is taken for lost: memory is bounded.
    static let limit = 50_000

    /// nil while nothing is asked. Until the first dump all events are held: they tell of links not known yet.
    private var held: [LinkChange]? = []
    /// What was held when the first dump was asked for: older than its answer, so it goes before it.
    private var early: [LinkChange] = []
    private var overflowed = false
    private var isPopulated = false

    /// A question is about to be sent.
    mutating func beginAnswer() {
        let before = held ?? []
        held = []
        if isPopulated { held = before } else { early.append(contentsOf: before) }
    }

    /// Events have come in.
    ///
    /// - Returns: what to apply now.
    mutating func receive(_ changes: [LinkChange]) -> [LinkChange] {
        guard held != nil else { return changes }
        if early.count + held!.count + changes.count > Self.limit {
            overflowed = true
            held = []
        }
        if !overflowed { held!.append(contentsOf: changes) }
        return []
    }

    /// The answer is complete, or nil: there is none.
    ///
    /// - Returns: what to apply now, and whether events were dropped for want of room, so that a new dump is due.
    mutating func endAnswer(_ answer: [LinkChange]?) -> (changes: [LinkChange], lost: Bool) {
        isPopulated = isPopulated || answer != nil
        guard isPopulated else { return ([], false) }
        defer {
            held = nil
            early = []
            overflowed = false
        }
        return (early + (answer ?? []) + (held ?? []), overflowed)
    }
}
