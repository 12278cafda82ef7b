/// Who lives and who died, for as long as there are samples of them.
struct Registry {
    private(set) var subjects: [SubjectID: Subject] = [:]
    /// How many logs and blocks have samples of each.
    private var references: [SubjectID: Int] = [:]
    private var living: [[UInt8]: SubjectID] = [:]
    private(set) var nextNumber: UInt64 = 1
    private(set) var byteCount = 0

    subscript(id: SubjectID) -> Subject? { subjects[id] }

    func living(_ key: [UInt8]) -> SubjectID? { living[key] }

    mutating func birth(key: [UInt8], metadata: [UInt8], at moment: RingMoment) -> SubjectID {
        let subject = Subject(id: SubjectID(nextNumber), key: key, metadata: metadata, born: moment, died: nil)
        nextNumber += 1
        insert(subject)
        living[key] = subject.id
        return subject.id
    }

    mutating func setMetadata(_ metadata: [UInt8], of id: SubjectID) {
        byteCount += metadata.count - (subjects[id]?.metadata.count ?? metadata.count)
        subjects[id]?.metadata = metadata
    }

    mutating func death(of id: SubjectID, at moment: RingMoment) {
        guard let subject = subjects[id], subject.died == nil else { return }
        subjects[id]?.died = moment
        if living[subject.key] == id { living[subject.key] = nil }
        forgetIfUnused(id)
    }

    mutating func retain(_ ids: [SubjectID]) {
        for id in ids { references[id, default: 0] += 1 }
    }

    mutating func release(_ ids: [SubjectID]) {
        for id in ids {
            references[id, default: 1] -= 1
            if references[id] == 0 {
                references[id] = nil
                forgetIfUnused(id)
            }
        }
    }

    /// Has the next subject have this number or a higher one.
    mutating func skip(to number: UInt64) { nextNumber = max(nextNumber, number) }

    /// Takes in what a stored log or block tells. Those of later ones come later.
    mutating func recover(_ subject: Subject) {
        skip(to: subject.id.number &+ 1)
        var subject = subject
        subject.died = subject.died ?? subjects[subject.id]?.died
        if let known = subjects[subject.id] { byteCount -= known.byteCount }
        insert(subject)
    }

    /// Finds who lives among those recovered. Of two with one key the younger lives: the death of the other was lost.
    mutating func settle() {
        living = [:]
        for subject in subjects.values.sorted(by: { $0.id < $1.id }) where subject.died == nil {
            if let older = living.updateValue(subject.id, forKey: subject.key) { subjects[older]?.died = subject.born }
        }
        for id in Array(subjects.keys) { forgetIfUnused(id) }
    }

    private mutating func insert(_ subject: Subject) {
        subjects[subject.id] = subject
        byteCount += subject.byteCount
    }

    private mutating func forgetIfUnused(_ id: SubjectID) {
        guard let subject = subjects[id], subject.died != nil, references[id] == nil else { return }
        subjects[id] = nil
        byteCount -= subject.byteCount
    }
}
