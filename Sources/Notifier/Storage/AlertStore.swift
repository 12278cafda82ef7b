import FoundationEssentials
import Glibc
import VexportCore

/// What outlives a restart: the outbox, and how far alerts and groups are. One transaction changes them together.
final class AlertStore {
    struct Content {
        var saved = SavedAlerts()
        /// The oldest first.
        var outbox: [(id: String, notification: AlertNotification)] = []
    }

    private let database: Database
    let path: String
    /// What the file has. nil for rows of an earlier version.
    private var stored: SavedAlerts?

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
        try database.run("SELECT name, value FROM state ORDER BY name") { row in
            try? content.saved.read(String(decoding: row[0], as: UTF8.self), row[1])
        }
        stored = content.saved.isOfOldForm ? nil : content.saved
        let decoder = JSONDecoder()
        try database.run("SELECT id, value FROM outbox ORDER BY place") { row in
            if let notification = try? decoder.decode(AlertNotification.self, from: Data(row[1])) {
                content.outbox.append((String(decoding: row[0], as: UTF8.self), notification))
            }
        }
        return content
    }

    /// Commits what changed of the state, and what is to be sent because of it.
    func save(
        _ saved: SavedAlerts, adding new: [(id: String, notification: AlertNotification)]
    ) throws(Database.Failure) {
        let rows = saved.rows(since: stored ?? SavedAlerts())
        let encoder = JSONEncoder()
        let outbox = new.map { id, notification in
            guard let data = try? encoder.encode(notification) else { preconditionFailure("\(id) is not for JSON") }
            return [Database.Value.text(id), .bytes(Array(data))]
        }
        guard !rows.isEmpty || !outbox.isEmpty else { return }
        try database.transaction { () throws(Database.Failure) in
            if stored == nil { try database.execute("DELETE FROM state") }
            try database.run(
                "INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)",
                each: rows.compactMap { name, value in value.map { [.text(name), .bytes($0)] } })
            try database.run(
                "DELETE FROM state WHERE name = ?", each: rows.filter { $0.value == nil }.map { [.text($0.name)] })
            try database.run("INSERT OR REPLACE INTO outbox (id, value) VALUES (?, ?)", each: outbox)
        }
        stored = saved
    }

    /// Forgets what needs no more tries.
    func remove(_ ids: [String]) throws(Database.Failure) {
        guard !ids.isEmpty else { return }
        try database.transaction { () throws(Database.Failure) in
            try database.run("DELETE FROM outbox WHERE id = ?", each: ids.map { [.text($0)] })
        }
    }
}
