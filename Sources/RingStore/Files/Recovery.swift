/// What an earlier process left: its blocks, and blocks made of its logs.
struct Recovery {
    /// Oldest first in each tier.
    private(set) var kept: [Tier.Kept] = []
    /// What blocks and logs tell of whom, the latest last.
    private var subjects: [(end: RingMoment, tier: Int, subject: Subject)] = []
    private var deaths: [SubjectID: RingMoment] = [:]
    /// Logs whose block is there, or in which nothing is.
    private(set) var emptyLogs: [String] = []
    /// Who died in logs that became no block.
    private(set) var unblockedDeaths: [SubjectID] = []

    /// Reads directories.
    ///
    /// - Parameter setsAside: whether to rename what cannot be used: not where another process may be writing.
    init(_ directories: StoreDirectories, setsAside: Bool, _ notify: (RingNotice) -> Void) throws(SystemError) {
        // A log becomes a block while this reads, never the other way round: so logs come first.
        var logs: [(name: String, bytes: [UInt8])] = []
        if let runtime = directories.runtime {
            for name in try runtime.names(StoreDirectories.logEnding) {
                if let bytes = Self.read(name, runtime, setsAside, notify) { logs.append((name, bytes)) }
            }
        }
        if let state = directories.state {
            for name in try state.names(StoreDirectories.blockEnding) {
                guard let bytes = Self.read(name, state, setsAside, notify) else { continue }
                do throws(FormatError) {
                    let contents = try BlockFile.decode(bytes)
                    let itsName = contents.block.origin.name(StoreDirectories.blockEnding)
                    guard itsName == name else { throw FormatError("it is \(itsName) under another name") }
                    // Who has no sample in it is there for having died: a file that is written again tells of that too.
                    let deaths = Set(contents.subjects.map(\.id)).subtracting(contents.block.subjects)
                    kept.append(Tier.Kept(block: contents.block, deaths: deaths.sorted(), isStored: true))
                    note(contents.subjects, contents.block.origin, contents.block.ticks.last)
                } catch {
                    Self.reject(name, state, error, setsAside, notify)
                }
            }
        }
        for log in logs { take(log.name, log.bytes, directories.runtime!, setsAside, notify) }
        kept.sort { $0.block.origin.sequence < $1.block.origin.sequence }
        subjects.sort { ($0.end, $1.tier) < ($1.end, $0.tier) }
    }

    /// Everybody, and who of them died.
    func registry() -> Registry {
        var registry = Registry()
        for kept in kept {
            registry.skip(to: kept.block.origin.nextSubject)
            registry.retain(kept.block.subjects)
        }
        for entry in subjects {
            var subject = entry.subject
            subject.died = subject.died ?? deaths[subject.id]
            registry.recover(subject)
        }
        registry.settle()
        return registry
    }

    /// - Parameter last: the last tick of what tells it; nil for a log without one, which is the latest.
    private mutating func note(_ told: [Subject], _ origin: Origin, _ last: Tick?) {
        let end = RingMoment(epoch: origin.epoch, tick: last ?? Tick(monotonic: .max, wall: 0))
        for subject in told { subjects.append((end, origin.tier, subject)) }
    }

    private mutating func take(
        _ name: String, _ bytes: [UInt8], _ runtime: StoreDirectory, _ setsAside: Bool, _ notify: (RingNotice) -> Void
    ) {
        do throws(FormatError) {
            let (origin, end) = try LogHeader.decode(bytes.rawSpan)
            guard (LogHeader.byteCount...bytes.count).contains(end) else {
                throw FormatError("it claims \(end) bytes of \(bytes.count)")
            }
            let itsName = origin.name(StoreDirectories.logEnding)
            guard itsName == name else { throw FormatError("it is \(itsName) under another name") }
            let committed = bytes.rawSpan.extracting(0..<end)
            let contents = LogContents(committed, origin: origin, verifying: true)
            if let damage = contents.damage {
                notify(RingNotice(kind: .setAside, description: "\(runtime.path)/\(name): \(damage): kept up to there"))
            }
            if let known = kept.first(where: { $0.block.origin.isInPlaceOf(origin) }) {
                guard known.block.origin == origin else { throw FormatError("there is another block of this number") }
                // The block's file tells of everybody too.
                emptyLogs.append(name)
                return
            }
            deaths.merge(contents.deaths) { $1 }
            note(Array(contents.subjects.values), origin, contents.ticks.last)
            guard let block = try BlockBuilder.build(contents, committed) else {
                emptyLogs.append(name)
                unblockedDeaths += contents.deaths.keys
                return
            }
            var new = Tier.Kept(
                block: block, deaths: Array(contents.deaths.keys),
                log: (name, LogRegion.allotted(for: end, of: bytes.count)))
            new.logIsDamaged = contents.damage != nil
            kept.append(new)
        } catch {
            Self.reject(name, runtime, error, setsAside, notify)
        }
    }

    private static func read(
        _ name: String, _ directory: StoreDirectory, _ setsAside: Bool, _ notify: (RingNotice) -> Void
    ) -> [UInt8]? {
        do throws(SystemError) {
            return try directory.read(name)
        } catch {
            // Gone since the names were read: the store is alive and drops what is old.
            guard setsAside || !error.isAbsence else { return nil }
            reject(name, directory, error, setsAside, notify)
            return nil
        }
    }

    /// Has a file that cannot be used not be tried again.
    private static func reject(
        _ name: String, _ directory: StoreDirectory, _ error: any Error, _ setsAside: Bool,
        _ notify: (RingNotice) -> Void
    ) {
        let isLater = (error as? FormatError)?.isLaterVersion ?? false
        var text = "\(directory.path)/\(name): \(error)"
        if setsAside {
            let new = directory.setAside(name, isLater ? "later" : "damaged")
            text += new.map { ": set aside as \($0)" } ?? ": it cannot be renamed, and stays"
        }
        notify(RingNotice(kind: .setAside, description: text))
    }
}

extension Origin {
    fileprivate func isInPlaceOf(_ other: Origin) -> Bool { tier == other.tier && sequence == other.sequence }
}
