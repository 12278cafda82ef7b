/// All that a store decides: who is in which row, which tick goes to which tier, when a log becomes a block, and what
/// goes first when there is too much. It waits for nothing and knows no disk.
struct Ring {
    let options: RingOptions
    let epoch: UInt32
    var registry = Registry()
    var tiers: [Tier]
    /// Memory for a new log.
    private let region: @Sendable (_ origin: Origin, _ capacity: Int) -> LogRegion
    private var presence: [UInt64] = []
    private(set) var lateTicks: UInt64 = 0
    private(set) var droppedTicks: UInt64 = 0
    /// Failures to get memory for logs, not yet told to anybody.
    var failures: [SystemError] = []

    init(_ options: RingOptions, epoch: UInt32, region: @escaping @Sendable (Origin, Int) -> LogRegion) {
        options.check()
        self.options = options
        self.epoch = epoch
        self.region = region
        tiers = options.tiers.enumerated().map {
            Tier(number: $0.offset, options: $0.element, columnCount: options.columnCount)
        }
    }

    // MARK: Who is where

    mutating func attach(key: [UInt8], metadata: [UInt8], row: Int, at tick: Tick) -> SubjectID {
        if let subject = registry.living(key) {
            if registry[subject]?.metadata != metadata {
                registry.setMetadata(metadata, of: subject)
                // Its next sample tells of them.
                for tier in tiers.dropFirst() { tier.table.interrupt(subject) }
            } else if tiers[0].table.rows[subject] == row {
                return subject
            }
            return place(subject, row, tick)
        }
        return place(registry.birth(key: key, metadata: metadata, at: RingMoment(epoch: epoch, tick: tick)), row, tick)
    }

    private mutating func place(_ subject: SubjectID, _ row: Int, _ tick: Tick) -> SubjectID {
        if row < tiers[0].table.capacity, let occupant = tiers[0].table.subjects[row], occupant != subject {
            end(occupant, at: tick)
        }
        rebind(0, row, to: subject)
        return subject
    }

    mutating func end(_ subject: SubjectID, at tick: Tick) {
        guard registry[subject]?.died == nil, registry[subject] != nil else { return }
        for number in tiers.indices {
            if let row = tiers[number].table.rows[subject] { rebind(number, row, to: nil) }
        }
        let moment = RingMoment(epoch: epoch, tick: tick)
        let record = LogRecord.small(.death) {
            $0.append(varint: subject.number)
            moment.encode(into: &$0)
        }
        registry.death(of: subject, at: moment)
        guard registry[subject] != nil else { return }
        // Each tier tells of it by itself: a coarse one has blocks for long after the finer one's are gone.
        for number in tiers.indices {
            tiers[number].deaths.append(subject)
            write(number) { (tier, _) throws(SystemError) in try tier.log!.log.append(record) }
        }
    }

    mutating func endUnattached(at tick: Tick) {
        for subject in registry.subjects.values where subject.died == nil && tiers[0].table.rows[subject.id] == nil {
            end(subject.id, at: tick)
        }
    }

    /// Puts another into a row of a tier, or nobody. Who leaves gives the coarser tier what its step has so far.
    private mutating func rebind(_ number: Int, _ row: Int, to subject: SubjectID?) {
        let table = tiers[number].table
        if let subject, let old = table.rows[subject], old != row { rebind(number, old, to: nil) }
        table.grow(to: row + 1)
        let (group, bit) = RowTable.place(row)
        if let leaving = table.subjects[row], leaving != subject, table.seen[group] & bit != 0,
            number + 1 < tiers.count
        {
            addFarewell(of: leaving, table.values(of: row), to: number + 1)
        }
        let keeps = table.subjects[row] == subject && table.seen[group] & bit != 0
        table.bind(subject, to: row)
        if keeps { table.seen[group] |= bit }
    }

    /// Has all logs become blocks.
    mutating func closeLogs() {
        for number in tiers.indices { tiers[number].closeLog() }
    }

    /// What can be read.
    var history: History {
        History(
            subjects: registry.subjects,
            sources: tiers.map { tier in
                tier.kept.map { .block($0.block) }
                    + (tier.closed + (tier.log.map { [$0] } ?? [])).compactMap { log in
                        guard let first = log.first, let last = log.last else { return nil }
                        return .log(LogView(log.log), log.log.origin, first: first, last: last)
                    }
            })
    }

    // MARK: Ticks

    mutating func append(
        _ tick: Tick, columns: Span<UInt64>, stride: Int, present: Span<Bool>
    ) -> RingStore.Outcome {
        if let last = tiers[0].last, tick.monotonic <= last.monotonic {
            lateTicks += 1
            return .late
        }
        let table = tiers[0].table
        let rowCount = min(present.count, table.capacity)
        mark(present, rowCount, table)
        let presence = self.presence
        let written = unsafe columns.withUnsafeBufferPointer { columns in
            // Without a row there may be no column either.
            guard let base = columns.baseAddress, rowCount > 0 else {
                var none: UInt64 = 0
                return unsafe ingest(0, tick, columns: &none, stride: 0, rowCount: 0, presence: presence)
            }
            return unsafe ingest(0, tick, columns: base, stride: stride, rowCount: rowCount, presence: presence)
        }
        if !written { droppedTicks += 1 }
        return written ? .appended : .dropped
    }

    /// Fills `presence` with the rows that are present and somebody's.
    private mutating func mark(_ present: Span<Bool>, _ rowCount: Int, _ table: RowTable) {
        let groupCount = table.groupCount
        if presence.count != groupCount { presence = [UInt64](repeating: 0, count: groupCount) }
        for group in 0..<groupCount {
            var mask: UInt64 = 0
            let first = group * RowTable.groupSize
            for row in first..<max(first, min(first + RowTable.groupSize, rowCount)) where present[row] {
                mask |= (table.subjects[row] == nil ? 0 : 1) << UInt64(row - first)
            }
            presence[group] = mask
        }
    }

    /// Takes a tick into a tier, and what ended before it into the coarser one.
    ///
    /// - Returns: false when it had to be dropped.
    private mutating func ingest(
        _ number: Int, _ tick: Tick, columns: UnsafePointer<UInt64>, stride: Int, rowCount: Int, presence: [UInt64]
    ) -> Bool {
        if number + 1 < tiers.count, let last = tiers[number].last,
            tiers[number + 1].step(tick) != tiers[number + 1].step(last)
        {
            closeStep(number, last)
        }
        let written = write(number) { (tier, registry) throws(SystemError) in
            guard try tier.announce(presence, &registry), try tier.appendFarewells(&registry) else { return false }
            guard
                unsafe try tier.log!.log.append(
                    tick, columns: columns, stride: stride, rowCount: rowCount, presence: presence, table: tier.table)
            else { return false }
            tier.count(tick, presence)
            return true
        }
        if written { tiers[number].last = tick }
        let farewells = tiers[number].farewells
        tiers[number].farewells = [:]
        if number + 1 < tiers.count {
            for (subject, values) in farewells {
                addFarewell(of: subject, values, to: number + 1)
                tiers[number].table.forgetSeen(subject)
            }
        }
        registry.release(Array(farewells.keys))
        if let log = tiers[number].log, log.tickCount >= tiers[number].options.ticksPerBlock {
            tiers[number].closeLog()
        }
        return written
    }

    /// Gives the coarser tier what the rows of this one held last.
    private mutating func closeStep(_ number: Int, _ last: Tick) {
        let (fine, coarse) = (tiers[number].table, tiers[number + 1].table)
        // After a restart the step may have been closed before.
        if let done = tiers[number + 1].last, done.monotonic >= last.monotonic { return }
        coarse.grow(to: fine.capacity)
        let seen = fine.seen
        for (group, mask) in seen.enumerated() {
            for bit in Bits(mask) {
                let row = group * RowTable.groupSize + bit
                if coarse.subjects[row] != fine.subjects[row] { rebind(number + 1, row, to: fine.subjects[row]) }
                if let subject = fine.subjects[row] { removeFarewell(of: subject, from: number + 1) }
            }
        }
        _ = unsafe ingest(
            number + 1, last, columns: fine.values, stride: fine.capacity, rowCount: fine.capacity, presence: seen)
        for group in 0..<fine.groupCount { fine.seen[group] = 0 }
    }

    /// Keeps the values of somebody who is in no row any more for a tier's next tick. By then all else that is known of
    /// it may be gone.
    mutating func addFarewell(of subject: SubjectID, _ values: [UInt64], to number: Int) {
        guard tiers[number].farewells.updateValue(values, forKey: subject) == nil else { return }
        registry.retain([subject])
    }

    private mutating func removeFarewell(of subject: SubjectID, from number: Int) {
        guard tiers[number].farewells.removeValue(forKey: subject) != nil else { return }
        registry.release([subject])
    }

    /// Writes to a tier's log, and to a new one when that is full.
    @discardableResult
    private mutating func write(
        _ number: Int, _ body: (inout Tier, inout Registry) throws(SystemError) -> Bool
    ) -> Bool {
        for _ in 0..<2 {
            guard tiers[number].closed.count < Tier.maximumClosedCount else { return false }
            do throws(SystemError) {
                if tiers[number].log == nil { try openLog(number) }
                if try body(&tiers[number], &registry) { return true }
            } catch {
                failures.append(error)
            }
            tiers[number].closeLog()
        }
        return false
    }

    private mutating func openLog(_ number: Int) throws(SystemError) {
        let origin = Origin(
            tier: number, sequence: tiers[number].nextSequence, epoch: epoch, boot: options.boot,
            columnCount: options.columnCount, nextSubject: registry.nextNumber)
        tiers[number].nextSequence += 1
        let log = try TickLog(origin, in: region(origin, options.logCapacity(tier: number)))
        tiers[number].log = Tier.Log(log: log)
    }
}
