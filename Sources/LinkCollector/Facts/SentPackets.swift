import Synchronization
import VexportCore

/// How many packets had come out of each namespace at the last look.
final class SentPackets: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Namespaces are asked about every half a minute, each at its own time.
    private static let memory = Duration.seconds(600)
    private let counts = Mutex<[NamespaceID: (packets: UInt64, at: Instant)]>([:])

    /// Keeps a count, and forgets those of namespaces that nobody asks about any more.
    ///
    /// - Returns: the count at the last look; nil at the first.
    func update(_ id: NamespaceID, _ count: UInt64, at now: Instant) -> UInt64? {
        counts.withLock { counts in
            counts = counts.filter { now < $0.value.at + Self.memory }
            return counts.updateValue((count, now), forKey: id)?.packets
        }
    }
}
