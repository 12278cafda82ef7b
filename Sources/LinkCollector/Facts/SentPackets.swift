import Synchronization
import VexportCore

/// How many packets had come out of each namespace at the last look.
final class SentPackets: Sendable {
    private let counts = Mutex<[NamespaceID: UInt64]>([:])

    /// - Returns: the count at the last look; nil at the first.
    func update(_ id: NamespaceID, _ count: UInt64) -> UInt64? {
        counts.withLock { $0.updateValue(count, forKey: id) }
    }

    /// Forgets the namespaces that nobody asks about any more.
    func keep(_ ids: Set<NamespaceID>) {
        counts.withLock { $0 = $0.filter { ids.contains($0.key) } }
    }
}
