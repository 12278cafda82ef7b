import Logging
import RingStore
import Synchronization
import VexportCore

extension LinkHistory {
    /// Opens the history that a configuration asks for.
    ///
    /// Without the right to write it is kept in memory, and one line says so.
    ///
    /// - Throws: `RingError.inUse` when another vexport has it.
    static func open(_ storage: Config.Storage, interval: Duration, _ logger: Logger) throws(StoreInUse) -> LinkHistory
    {
        StorePlace.prepare(storage.path)
        let place = StorePlace(path: storage.path)
        var options = LinkHistory.options(boot: .current)
        options.tiers = storage.tiers(every: interval)
        options.memory = storage.memory
        options.stateDirectory = place.stateDirectory
        options.runtimeDirectory = place.runtimeDirectory
        let log = NoticeLog(logger)
        do throws(RingError) {
            let history = try LinkHistory(
                options, tierNames: options.tiers.map(\.interval.prometheusText),
                ownKey: NamespaceFile.own?.historyKey ?? "", at: .now, notify: log.take)
            log.open()
            return history
        } catch {
            throw StoreInUse(reason: "\(error)")
        }
    }
}

/// Another vexport keeps its history there.
struct StoreInUse: Error, CustomStringConvertible {
    let reason: String
    var description: String { "\(reason); end it, or name another place by --storage.path" }
}

/// What the store tells, in the log. What it lacks when it is opened is one line.
private final class NoticeLog: Sendable {
    private let logger: Logger
    /// nil once the store is open.
    private let lacks = Mutex<[String]?>([])

    init(_ logger: Logger) {
        self.logger = logger
    }

    func take(_ notice: RingNotice) {
        let text = EscapedText(notice.description.utf8)
        switch notice.kind {
        case .setAside: logger.error("history: \(text)")
        case .restored: logger.notice("history: \(text)")
        case .degraded:
            let isOpen = lacks.withLock { lacks in
                lacks?.append("\(text)")
                return lacks == nil
            }
            if isOpen { logger.warning("history: \(text)") }
        }
    }

    func open() {
        let lacks = lacks.withLock { lacks in
            defer { lacks = nil }
            return lacks ?? []
        }
        guard !lacks.isEmpty else { return }
        logger.warning("history: \(lacks.joined(separator: "; "))")
    }
}
