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

    /// Adds a connection.
    ///
    /// - Returns: its ticket, and the one to close if there are too many: closing calls back into the table.
    mutating func add(_ channel: any Channel) -> (ticket: UInt64, surplus: (any Channel)?) {
        ticket += 1
        entries[ticket] = Entry(channel: channel, idleSince: ticket)
        guard entries.count > limit else { return (ticket, nil) }
        let oldest = entries.values.filter { $0.idleSince != nil }.min { $0.idleSince! < $1.idleSince! }
        return (ticket, oldest?.channel ?? channel)
    }

    var isEmpty: Bool { entries.isEmpty }

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

    /// From now on connections end with their answer. Fulfils `promise` when none is left.
    ///
    /// - Returns: the idle ones, to be closed.
    mutating func drain(_ promise: EventLoopPromise<Void>) -> [any Channel] {
        drained = promise
        if entries.isEmpty { promise.succeed() }
        return entries.values.filter { $0.idleSince != nil }.map(\.channel)
    }
}
