import VexportCore

/// What the diagnosis asks of /proc.
struct ProcessQuestions: Equatable {
    /// Who lives in which namespaces.
    var asksForInhabitants = false
    /// Namespaces, by their files' inodes, to be searched for what keeps them alive, should nobody live there.
    var namespaces: Set<UInt64> = []
    /// Taps, by name, whose readers are wanted.
    var taps: Set<EscapedText> = []

    /// More of either than a request has are not asked at once.
    static let most = 256

    var isEmpty: Bool { !asksForInhabitants && taps.isEmpty }
}

extension ProcessQuestions {
    init(_ request: FactRequest) {
        asksForInhabitants = !request.namespaces.isEmpty
        let detailed = request.namespaces.values.lazy.filter(\.isDetailed).compactMap { $0.file?.inode }
        namespaces = Set(detailed.prefix(Self.most))
        taps = Set(request.links.lazy.filter { $0.kinds.contains(.readers) }.map(\.name).prefix(Self.most))
    }
}

/// What /proc told. Whatever was not found counts for nothing where not all could be looked at.
struct ProcessAnswers: Equatable {
    /// Namespaces where processes or threads live, by their files' inodes.
    var inhabited: Set<UInt64> = []
    /// Whether all processes were looked at.
    var sawAllProcesses = false
    var holders: [UInt64: [NamespaceHolder]] = [:]
    var readers: [EscapedText: [ProcessName]] = [:]
    /// Whether all their descriptors were.
    var sawAllDescriptors = false

    func fill(_ answer: inout FactAnswer, _ request: FactRequest) {
        for (id, question) in request.namespaces {
            guard let inode = question.file?.inode else { continue }
            let isInhabited = inhabited.contains(inode) ? true : sawAllProcesses ? false : nil
            answer.namespaces[id, default: NamespaceUse()].isInhabited = isInhabited
            guard question.isDetailed, isInhabited == false else { continue }
            answer.namespaces[id]?.holders = holders[inode] ?? []
        }
        for tap in request.links where tap.kinds.contains(.readers) {
            answer.links[tap.place]?.readers = sawAllDescriptors ? readers[tap.name] ?? [] : nil
        }
    }
}
