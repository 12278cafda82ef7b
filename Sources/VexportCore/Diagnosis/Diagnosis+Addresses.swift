/// Where bridges hear the addresses of guests.
extension Diagnosis {
    /// Adds the bridges where addresses may be heard in two places, if it is time.
    mutating func addAddressLook(to request: inout FactRequest, at now: Instant) {
        guard nextAddressLook.map({ $0 <= now }) ?? true else { return }
        nextAddressLook = now + timing.recheck
        request.bridges = index.bridgesWithGuests
    }

    /// Takes in which addresses bridges of vexport's own namespace hear behind which ports.
    ///
    /// - Returns: the slots of ports that share one, or did.
    mutating func take(
        _ heard: [Int32: [HeardAddress]], _ inventory: Inventory, at now: Instant
    ) -> Set<Int> {
        let bridges = Dictionary(uniqueKeysWithValues: heard.map { (LinkPlace(.own, $0.key), $0.value) })
        addressMoves.take(bridges, at: now) { [index] port in
            inventory[LinkPlace(.own, port)].flatMap { index.leadsToWorkload($0.slot) ? $0 : nil }
        }
        if addressMoves.isRestless(at: now) { nextAddressLook = now + timing.closeLook }
        let before = facts.contested
        facts.contested = addressMoves.contested(at: now)
        return Set((Array(before.keys) + facts.contested.keys).compactMap { inventory[$0]?.slot })
    }
}
