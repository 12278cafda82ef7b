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
    /// Fulfilled when the last connection is closed; nil while the server goes on.
    private var drained: EventLoopPromise<Void>?

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
        if entries.isEmpty { drained?.succeed() }
    }

    mutating func setBusy(_ connection: UInt64) {
        entries[connection]?.idleSince = nil
    }

    /// A request has been answered.
    mutating func setIdle(_ connection: UInt64) {
        ticket += 1
        entries[connection]?.idleSince = ticket
    }

    /// Whether the server is stopping, so that an answer is the last on its connection.
    var isDraining: Bool { drained != nil }

    /// Closes idle connections now; busy ones end with their answer. Fulfils `promise` when none is left.
    mutating func drain(_ promise: EventLoopPromise<Void>) {
        drained = promise
        for entry in entries.values where entry.idleSince != nil { entry.channel.close(promise: nil) }
        if entries.isEmpty { promise.succeed() }
    }
}
