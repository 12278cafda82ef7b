extension Ring {
    /// A block without a file, and all that its file needs.
    struct Unstored {
        var block: Block
        var subjects: [Subject]
        var logName: String?
        /// How many deaths its file tells of.
        var deathCount: Int
        var logIsDamaged: Bool
    }

    /// The oldest block without a file.
    var nextUnstored: Unstored? {
        let unstored = tiers.lazy.compactMap { tier in tier.kept.first { !$0.isStored } }
        guard let kept = unstored.min(by: { $0.block.origin.sequence < $1.block.origin.sequence }) else { return nil }
        let ids = Set(kept.block.subjects + kept.deaths)
        return Unstored(
            block: kept.block, subjects: ids.sorted().compactMap { registry[$0] }, logName: kept.log?.name,
            deathCount: kept.deaths.count, logIsDamaged: kept.logIsDamaged)
    }

    /// - Returns: false when it was evicted meanwhile.
    mutating func markStored(_ origin: Origin, deathCount: Int) -> Bool {
        let tier = origin.tier
        guard let position = tiers[tier].kept.firstIndex(where: { $0.block.origin == origin }) else { return false }
        // It is written again when there are more deaths to tell of.
        guard tiers[tier].kept[position].deaths.count == deathCount else { return true }
        tiers[tier].kept[position].isStored = true
        tiers[tier].kept[position].log = nil
        return true
    }

    /// Gives up the logs of older blocks that cannot be written: a disk that stays full would fill the tmpfs too.
    ///
    /// - Returns: their names.
    mutating func forgetLogs() -> [String] {
        var names: [String] = []
        for number in tiers.indices {
            let waiting = tiers[number].kept.indices.filter { tiers[number].kept[$0].log != nil }
            for position in waiting.dropLast(2) {
                if let log = tiers[number].kept[position].log { names.append(log.name) }
                tiers[number].kept[position].log = nil
            }
        }
        return names
    }
}
