/// Finds what is wrong with links, from what the inventory knows and from facts that it asks for.
///
/// A plain value: it is told what changed and what time it is, and says what it wants to know. When nothing changed and
/// nothing is due it does nothing; otherwise its work goes by the links that changed.
public struct Diagnosis: Sendable {
    public typealias Instant = ContinuousClock.Instant

    /// How long things take. Tests have less time.
    struct Timing: Sendable {
        /// Grace times are multiplied by this.
        var grace = 1.0
        /// Between looks at what a finding rests on.
        var recheck = Duration.seconds(30)
        /// Between looks at where bridges hear addresses, while one of them has just moved.
        var closeLook = Duration.seconds(1)
        /// Between looks at who lives in which namespace.
        var sweep = Duration.seconds(30)
        /// Facts that made no finding are looked at again after this.
        var lifetime = Duration.seconds(300)
    }

    /// From a condition's beginning to its finding, at most, while looks keep up: twice the longest forward delay of a
    /// bridge, the longest grace there is, and two looks, since classes rest on one another two deep.
    static let longestWait = Duration.seconds(65) + Timing().recheck * 2

    let timing: Timing
    private(set) var index = DiagnosisIndex()
    var facts = Facts()
    var addressMoves = AddressMoves()
    private(set) var flapTable: FlapTable
    /// By slot, in the order of their classes.
    var suspicions: [Int: [Suspicion]] = [:]
    /// When the facts of a slot's link were looked at.
    private var looked: [Int: (place: LinkPlace, at: Instant)] = [:]
    private var nextExpiry: Instant?
    /// When each namespace was last looked at in detail.
    private var lookedIn: [NamespaceID: Instant] = [:]
    /// When the first suspicion is to be looked at.
    var nextLook: Instant?
    var nextSweep: Instant?
    /// When to look at where bridges hear addresses.
    var nextAddressLook: Instant?
    /// Slots to judge with the next step.
    private var dirty: Set<Int> = []
    /// Whether `findings` may say something new since it was last asked.
    var hasNews = true

    public init(damping: FlapDamping = FlapDamping()) {
        self.init(damping: damping, timing: Timing())
    }

    init(damping: FlapDamping = FlapDamping(), timing: Timing) {
        self.timing = timing
        flapTable = FlapTable(damping)
    }

    /// Counts flaps by other settings from the next step on.
    public mutating func setDamping(_ damping: FlapDamping, at now: Instant) {
        guard damping != flapTable.damping else { return }
        dirty.formUnion(flapTable.setDamping(damping, at: now))
        hasNews = true
    }

    /// Judges what changed, and what time has brought about.
    ///
    /// - Parameter changed: the slots whose link changed, came or went since the last step.
    public mutating func step(_ inventory: Inventory, changed: Set<Int>, at now: Moment) {
        for slot in flapTable.settle(at: now.instant) { dirty.insert(slot) }
        expireFacts(at: now.instant)
        guard !changed.isEmpty || !dirty.isEmpty else { return }
        // Those beside the changed ones that a change concerns.
        var concerned = dirty
        for place in facts.contested.keys { if let link = inventory[place] { concerned.insert(link.slot) } }
        dirty.removeAll(keepingCapacity: true)
        for slot in changed.sorted() {
            let link = inventory.link(slot: slot)
            let peer = link.flatMap { index.peer(of: $0, in: inventory) }
            if flapTable.update(slot, link, peer: peer, at: now.instant) { hasNews = true }
            concerned.formUnion(index.update(slot, link, peer: peer))
            guard let peer, !changed.contains(peer.slot) else { continue }
            concerned.formUnion(index.update(peer.slot, peer, peer: link))
            concerned.insert(peer.slot)
        }
        judge(changed, in: inventory, confirmedAt: nil, at: now)
        judge(concerned.subtracting(changed), in: inventory, confirmedAt: nil, at: now)
    }

    /// What to find out now; nil when nothing is due.
    ///
    /// - Parameter limit: how many links it may ask for at once.
    public mutating func takeRequest(_ inventory: Inventory, at now: Instant, limit: Int = 256) -> FactRequest? {
        var request = FactRequest()
        if nextLook.map({ $0 <= now }) ?? false { addSuspicions(to: &request, inventory, at: now, limit) }
        addSweep(to: &request, inventory, at: now)
        addAddressLook(to: &request, at: now)
        return request.isEmpty ? nil : request
    }

    /// Takes in the answer to a request.
    public mutating func take(_ answer: FactAnswer, _ inventory: Inventory, at now: Moment) {
        var slots: Set<Int> = []
        for (place, sheet) in answer.links {
            guard let link = inventory[place] else { continue }
            facts.links[place] = sheet
            looked[link.slot] = (place, answer.startedAt)
            let expiry = answer.startedAt + timing.lifetime
            nextExpiry = min(nextExpiry ?? expiry, expiry)
            slots.insert(link.slot)
        }
        for (id, use) in answer.namespaces where inventory.namespaces[id] != nil {
            let known = facts.namespaces[id]
            // A short look leaves what a long one found, for a while, and as long as nobody moved in or out.
            if use.isDetailed {
                lookedIn[id] = answer.startedAt
            } else if known?.isInhabited == use.isInhabited, let last = lookedIn[id],
                answer.startedAt < last + timing.lifetime
            {
                continue
            }
            facts.namespaces[id] = use
            for far in inventory.links(in: id) {
                if let near = far.peer.flatMap({ inventory[$0] }) { slots.insert(near.slot) }
            }
        }
        if !answer.heard.isEmpty { slots.formUnion(take(answer.heard, inventory, at: answer.startedAt)) }
        facts.namespaces = facts.namespaces.filter { inventory.namespaces[$0.key] != nil }
        lookedIn = lookedIn.filter { inventory.namespaces[$0.key] != nil }
        judge(slots, in: inventory, confirmedAt: answer.startedAt, at: now)
    }

    // MARK: - Judging

    private mutating func judge(_ slots: Set<Int>, in inventory: Inventory, confirmedAt: Instant?, at now: Moment) {
        let surroundings = Surroundings(inventory: inventory, facts: facts, index: index)
        // In order, which is mostly that in which they lie in memory.
        for slot in slots.sorted() {
            guard let link = inventory.link(slot: slot), !link.nameIsTaken else {
                forget(slot)
                continue
            }
            if let (place, _) = looked[slot], place != link.place {
                facts.links[place] = nil
                looked[slot] = nil
            }
            judge(Subject(link, surroundings, flapTable.flaps[slot]), confirmedAt: confirmedAt, at: now)
        }
    }

    private mutating func judge(_ subject: Subject, confirmedAt: Instant?, at now: Moment) {
        var subject = subject
        let slot = subject.link.slot
        // Taken out while it changes: in a storm thousands do, and none need be copied.
        let place = suspicions.index(forKey: slot)
        var open: [Suspicion] = []
        if let place { swap(&open, &suspicions.values[place]) }
        var next = 0
        for row in FindingClass.all {
            let verdict = row.judge(subject)
            let isKnown = next < open.count && open[next].kind == row.kind
            if verdict.isFine {
                if isKnown, open.remove(at: next).held != nil { hasNews = true }
                continue
            }
            if !isKnown { open.insert(begin(row, subject, at: now), at: next) }
            let isSeen = open[next].due <= now.instant && subject.isSeenAgain
            let confirmedAt = row.isImmediate ? now.instant : isSeen ? confirmedAt : nil
            if open[next].take(verdict, confirmedAt: confirmedAt) { hasNews = true }
            if let held = open[next].held { subject.standing[row.kind] = held }
            next += 1
        }
        if let place {
            if open.isEmpty { suspicions.remove(at: place) } else { suspicions.values[place] = open }
        } else if !open.isEmpty {
            suspicions[slot] = open
        }
    }

    private mutating func begin(_ row: FindingClass, _ subject: Subject, at now: Moment) -> Suspicion {
        let suspicion = Suspicion(row.kind, since: now, grace: row.grace(subject) * timing.grace)
        nextLook = min(nextLook ?? suspicion.due, suspicion.due)
        return suspicion
    }

    private mutating func forget(_ slot: Int) {
        if let gone = suspicions.removeValue(forKey: slot), gone.contains(where: { $0.held != nil }) {
            hasNews = true
        }
        if let (place, _) = looked.removeValue(forKey: slot) { facts.links[place] = nil }
    }

    private mutating func expireFacts(at now: Instant) {
        guard let due = nextExpiry, due <= now else { return }
        nextExpiry = nil
        for (slot, look) in looked {
            let expiry = look.at + timing.lifetime
            if expiry <= now {
                looked[slot] = nil
                facts.links[look.place] = nil
                dirty.insert(slot)
            } else {
                nextExpiry = min(nextExpiry ?? expiry, expiry)
            }
        }
    }
}
