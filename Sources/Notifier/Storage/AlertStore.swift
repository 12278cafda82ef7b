import FoundationEssentials
import Glibc
import VexportCore

/// What outlives a restart: the outbox, and how far alerts and groups are. One transaction changes them together.
final class AlertStore {
    struct Content {
        var alerts: [Alert] = []
        var dispatcher = AlertDispatcher.Saved()
        /// The oldest first.
        var outbox: [(id: String, notification: AlertNotification)] = []
    }

    private let database: Database
    let path: String

    /// Opens the file. One that is damaged is put aside under another name.
    ///
    /// - Parameters:
    ///   - directory: made if only it is missing.
    ///   - aside: where a damaged file went, and why.
    init(directory: String, aside: (String) -> Void) throws(Database.Failure) {
        _ = unsafe mkdir(directory, 0o750)  // what else is wrong with it, opening the file says
        path = directory + "/alerts.db"
        do throws(Database.Failure) {
            database = try Self.open(path)
        } catch {
            guard error.isCorrupt else { throw error }
            let place = path + ".damaged"
            for end in ["", "-wal", "-shm"] { _ = unsafe rename(path + end, place + end) }
            aside("\(error); moved to \(place), beginning anew")
            database = try Self.open(path)
        }
    }

    private static func open(_ path: String) throws(Database.Failure) -> Database {
        let database = try Database(path: path)
        var verdict: [UInt8] = []
        try database.run("PRAGMA quick_check(1)") { verdict = $0[0] }
        guard verdict.elementsEqual("ok".utf8) else {
            throw Database.Failure(
                operation: "check of \(path)", code: 11, text: String(decoding: verdict, as: UTF8.self))
        }
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS outbox (place INTEGER PRIMARY KEY, id TEXT UNIQUE, value BLOB NOT NULL);
            """)
        return database
    }

    /// Reads all. What can't be understood, such as another version's, is left out.
    func load() throws(Database.Failure) -> Content {
        var content = Content()
        let decoder = JSONDecoder()
        try database.run("SELECT name, value FROM state") { row in
            let (name, value) = (String(decoding: row[0], as: UTF8.self), Data(row[1]))
            switch name {
            case "alerts": content.alerts = (try? decoder.decode([Alert].self, from: value)) ?? []
            case "dispatcher":
                if let saved = try? decoder.decode(AlertDispatcher.Saved.self, from: value) {
                    content.dispatcher = saved
                }
            default: break
            }
        }
        try database.run("SELECT id, value FROM outbox ORDER BY place") { row in
            if let notification = try? decoder.decode(AlertNotification.self, from: Data(row[1])) {
                content.outbox.append((String(decoding: row[0], as: UTF8.self), notification))
            }
        }
        return content
    }

    /// Commits the state, and what is to be sent because of it.
    func save(
        _ alerts: [Alert], _ dispatcher: AlertDispatcher.Saved, adding: [(id: String, notification: AlertNotification)]
    ) throws(Database.Failure) {
        let encoder = JSONEncoder()
        func bytes(_ value: some Encodable) -> [UInt8] {
            guard let data = try? encoder.encode(value) else {
                preconditionFailure("\(type(of: value)) is not for JSON")
            }
            return Array(data)
        }
        let states = [("alerts", bytes(alerts)), ("dispatcher", bytes(dispatcher))]
        try database.transaction { () throws(Database.Failure) in
            for (name, value) in states {
                try database.run(
                    "INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", [.text(name), .bytes(value)])
            }
            for (id, notification) in adding {
                try database.run(
                    "INSERT OR REPLACE INTO outbox (id, value) VALUES (?, ?)", [.text(id), .bytes(bytes(notification))])
            }
        }
    }

    /// Forgets what needs no more tries.
    func remove(_ ids: [String]) throws(Database.Failure) {
        guard !ids.isEmpty else { return }
        try database.transaction { () throws(Database.Failure) in
            for id in ids { try database.run("DELETE FROM outbox WHERE id = ?", [.text(id)]) }
        }
    }
}
