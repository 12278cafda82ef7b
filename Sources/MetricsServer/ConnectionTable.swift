internal import NIOCore

/// The open connections, bounded: when there are too many, the one that has been idle longest makes room, so that idle
/// ones never keep others out.
struct ConnectionTable {
    private struct Entry {
        let channel: any Channel
        /// When it became idle, as a ticket; nil while a request is being answered.
        var idleSince: UInt64?
    }

    private let limit: Int
    private var entries: [UInt64: Entry] = [:]
    private var ticket: UInt64 = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds a connection, and closes another if there are too many.
    mutating func add(_ channel: any Channel) -> UInt64 {
        ticket += 1
        entries[ticket] = Entry(channel: channel, idleSince: ticket)
        if entries.count > limit {
            let idle = entries.filter { $0.value.idleSince != nil }
            let oldest = idle.min { $0.value.idleSince! < $1.value.idleSince! }
            (oldest?.value.channel ?? channel).close(promise: nil)
        }
        return ticket
    }

    mutating func remove(_ connection: UInt64) {
        entries[connection] = nil
    }

    mutating func setBusy(_ connection: UInt64) {
        entries[connection]?.idleSince = nil
    }

    mutating func setIdle(_ connection: UInt64) {
        ticket += 1
        entries[connection]?.idleSince = ticket
    }
}
