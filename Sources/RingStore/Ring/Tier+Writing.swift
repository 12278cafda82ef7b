extension Tier {
    /// Tells the log who is in the rows of a tick, where it does not know.
    ///
    /// - Returns: false when there is no room.
    mutating func announce(_ presence: [UInt64], _ registry: inout Registry) throws(SystemError) -> Bool {
        for (group, mask) in presence.enumerated() {
            for bit in Bits(mask & ~table.announced[group]) {
                let row = group * RowTable.groupSize + bit
                guard let id = table.subjects[row], let subject = registry[id] else { continue }
                guard try log!.log.append(LogRecord.small(.subject, row: row) { subject.encode(into: &$0) }) else {
                    return false
                }
                note(id, &registry)
                table.announced[group] |= 1 << UInt64(bit)
                table.fresh[group] |= 1 << UInt64(bit)
            }
        }
        return true
    }

    /// Tells the log the values of those who left since the tick before.
    ///
    /// - Returns: false when there is no room.
    mutating func appendFarewells(_ registry: inout Registry) throws(SystemError) -> Bool {
        for (id, values) in farewells {
            guard let subject = registry[id] else { continue }
            let record = LogRecord.small(.farewell) {
                subject.encode(into: &$0)
                for value in values { $0.append(varint: value) }
            }
            guard try log!.log.append(record) else { return false }
            note(id, &registry)
            // Its sample here is in none of its pieces, which must not reach over it.
            table.interrupt(id)
        }
        return true
    }

    /// Counts a tick that is in the log.
    mutating func count(_ tick: Tick, _ presence: [UInt64]) {
        let rows = presence.reduce(farewells.count) { $0 + $1.nonzeroBitCount }
        log!.sampleCount += rows * table.columnCount
        log!.tickCount += 1
        log!.first = log!.first ?? tick
        log!.last = tick
        for (group, mask) in presence.enumerated() { table.seen[group] |= mask }
    }

    private mutating func note(_ id: SubjectID, _ registry: inout Registry) {
        registry.retain([id])
        log!.subjects.append(id)
    }
}
