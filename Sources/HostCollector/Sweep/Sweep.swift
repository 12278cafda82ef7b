import VexportCore

/// Finds owners by looking at processes: all of them, or those where something may be new.
struct Sweep {
    typealias Instant = ContinuousClock.Instant

    enum Scope: UInt8, CaseIterable, Sendable {
        /// New and young processes, and those that hold taps.
        case quick
        case full
    }

    /// A process may still change its namespace or control group, or open taps, for this long after it was first seen.
    static let youth = Duration.seconds(5)
    /// Processes beyond this many are passed over.
    static let mostProcesses = 262_144

    private struct Known {
        /// Of its directory: another one for another process under this number, sooner or later for the same.
        var inode: UInt64
        var seen: Instant
        var facts: ProcessFacts
    }

    /// Of the last sweep.
    private(set) var statistics = SweepStatistics()
    private let reader = ProcessReader()
    private let ignored: Set<Int32>
    private var known: [Int32: Known] = [:]

    /// - Parameter ignored: processes not to look at: vexport's own, whose threads visit namespaces.
    init(ignoring ignored: Set<Int32> = []) {
        self.ignored = ignored
    }

    mutating func run(_ scope: Scope, at now: Instant) -> Owners {
        var present: [Int32: Known] = [:]
        present.reserveCapacity(known.count)
        var looked = 0
        for (pid, inode) in reader.files.numbers().prefix(Self.mostProcesses) where !ignored.contains(pid) {
            let former = known[pid]
            if scope == .quick, let former, former.inode == inode, !Self.mayHaveChanged(former, at: now) {
                present[pid] = former
                continue
            }
            looked += 1
            let isSettled = former.map { $0.inode == inode && now - $0.seen >= Self.youth } ?? false
            let again = isSettled ? reader.lookAgain(at: pid, former!.facts) : nil
            guard let facts = again ?? reader.look(at: pid) else { continue }
            let seen = former?.facts.start == facts.start ? former!.seen : now
            present[pid] = Known(inode: inode, seen: seen, facts: facts)
        }
        known = present
        statistics.processes = known.count
        statistics.looked = looked
        statistics.descriptors = known.values.reduce(0) { $0 + $1.facts.descriptors }
        statistics.hidden = known.values.count { !$0.facts.isReadable }
        return owners()
    }

    private static func mayHaveChanged(_ process: Known, at now: Instant) -> Bool {
        now - process.seen < youth || !process.facts.taps.isEmpty
    }

    private func owners() -> Owners {
        var holders: [Owners.Tap: Claim] = [:]
        var inhabitants: [NamespaceFile: Claim] = [:]
        for (pid, process) in known {
            guard let part = process.facts.part else { continue }
            let holder = Claim(workload: part.asHolder, start: process.facts.start, thread: pid)
            for tap in process.facts.taps.keys where holders[tap].map(holder.goesBefore) ?? true {
                holders[tap] = holder
            }
            for (namespace, thread) in process.facts.namespaces where namespace != reader.own {
                let inhabitant = Claim(workload: part.asInhabitant, start: process.facts.start, thread: thread)
                if inhabitants[namespace].map(inhabitant.goesBefore) ?? true { inhabitants[namespace] = inhabitant }
            }
        }
        var owners = Owners()
        owners.own = reader.own
        owners.taps = holders.mapValues(\.workload)
        owners.namespaces = inhabitants.mapValues { Owners.Inhabitant(workload: $0.workload, thread: $0.thread) }
        return owners
    }
}

/// What a sweep saw and cost.
struct SweepStatistics: Equatable, Sendable {
    var processes = 0
    /// How many of them were looked at, and not taken as they were.
    var looked = 0
    var descriptors = 0
    /// How many the kernel hid the descriptors of.
    var hidden = 0
}
