import VexportCore

/// Puts together what the helper tells in packets.
struct OwnersAssembly {
    enum Outcome: Equatable {
        /// More is to come.
        case unfinished
        case helperBegan(HelperMessage.Hello)
        /// - Parameter owners: nil when they are what they were.
        case swept(Owners?, HelperMessage.Report)
    }

    private var own: NamespaceFile?
    private var owners = Owners()

    mutating func take(_ message: HelperMessage) -> Outcome {
        switch message {
        case .hello(let hello):
            // What another helper had begun to tell will never be finished.
            own = hello.own
            owners = Owners()
            return .helperBegan(hello)
        case .taps(let taps): owners.taps.merge(taps) { _, new in new }
        case .namespaces(let namespaces): owners.namespaces.merge(namespaces) { _, new in new }
        case .swept(let report):
            defer { owners = Owners() }
            owners.own = own
            return .swept(report.isNew ? owners : nil, report)
        }
        return .unfinished
    }
}

extension Owners {
    /// Few enough to fit in a packet, however long their texts.
    private static let perPacket = 10

    /// The packets that tell all of them.
    var packets: [HelperMessage] {
        Self.slices(taps).map(HelperMessage.taps) + Self.slices(namespaces).map(HelperMessage.namespaces)
    }

    private static func slices<Key, Value>(_ all: [Key: Value]) -> [[Key: Value]] {
        let entries = Array(all)
        return stride(from: 0, to: entries.count, by: perPacket).map { start in
            Dictionary(uniqueKeysWithValues: entries[start..<min(start + perPacket, entries.count)].map { ($0, $1) })
        }
    }
}
