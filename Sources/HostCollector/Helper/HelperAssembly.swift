import VexportCore

/// Puts together what the helper tells in packets.
struct HelperAssembly {
    enum Outcome: Equatable {
        /// More is to come.
        case unfinished
        case helperBegan(HelperMessage.Hello)
        /// - Parameter owners: nil when they are what they were.
        case swept(Owners?, HelperMessage.Report)
        case answered(ProcessAnswers, number: UInt32)
        case opened(number: UInt32)
    }

    private var own: NamespaceFile?
    private var owners = Owners()
    private var answers = ProcessAnswers()

    mutating func take(_ message: HelperMessage) -> Outcome {
        switch message {
        case .hello(let hello):
            // What another helper had begun to tell will never be finished.
            self = HelperAssembly()
            own = hello.own
            return .helperBegan(hello)
        case .taps(let taps): owners.taps.merge(taps) { _, new in new }
        case .namespaces(let namespaces): owners.namespaces.merge(namespaces) { _, new in new }
        case .swept(let report):
            defer { owners = Owners() }
            owners.own = own
            return .swept(report.isNew ? owners : nil, report)
        case .inhabited(let inodes): answers.inhabited.formUnion(inodes)
        case .readers(let readers): answers.readers.merge(readers) { _, new in new }
        case .holders(let holders): answers.holders.merge(holders) { _, new in new }
        case .answered(let number, let sawAllProcesses, let sawAllDescriptors):
            defer { answers = ProcessAnswers() }
            answers.sawAllProcesses = sawAllProcesses
            answers.sawAllDescriptors = sawAllDescriptors
            return .answered(answers, number: number)
        case .opened(let number): return .opened(number: number)
        }
        return .unfinished
    }
}

extension Owners {
    /// Few enough to fit in a packet, however long their texts.
    private static let perPacket = 10

    /// The packets that tell all of them.
    var packets: [HelperMessage] {
        slices(taps, of: Self.perPacket).map(HelperMessage.taps)
            + slices(namespaces, of: Self.perPacket).map(HelperMessage.namespaces)
    }
}

extension ProcessAnswers {
    /// The packets that tell all of them, the last included.
    func packets(number: UInt32) -> [HelperMessage] {
        let inodes = Array(inhabited)
        let parts = stride(from: 0, to: inodes.count, by: 2_000).map { start in
            HelperMessage.inhabited(Array(inodes[start..<min(start + 2_000, inodes.count)]))
        }
        return parts + slices(readers, of: 5).map(HelperMessage.readers)
            + slices(holders, of: 5).map(HelperMessage.holders)
            + [.answered(number: number, sawAllProcesses: sawAllProcesses, sawAllDescriptors: sawAllDescriptors)]
    }
}

/// Parts with as many entries each, and the rest.
private func slices<Key, Value>(_ all: [Key: Value], of count: Int) -> [[Key: Value]] {
    let entries = Array(all)
    return stride(from: 0, to: entries.count, by: count).map { start in
        Dictionary(uniqueKeysWithValues: entries[start..<min(start + count, entries.count)].map { ($0, $1) })
    }
}
