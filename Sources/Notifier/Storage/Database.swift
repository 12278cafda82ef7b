internal import CSqlite3
import Glibc

/// SQLite, as little of it as is needed: statements with text, bytes and no more.
@safe final class Database {
    struct Failure: Error, CustomStringConvertible {
        let operation: String
        let code: Int32
        let text: String
        /// Not a database, or a damaged one.
        var isCorrupt: Bool { code & 0xff == SQLITE_CORRUPT || code & 0xff == SQLITE_NOTADB }
        var description: String { "\(operation): \(text)" }
    }

    enum Value {
        case text(String)
        case bytes([UInt8])
    }

    private var handle: OpaquePointer?

    /// Opens a file, made if it is not there, for this process alone.
    init(path: String) throws(Failure) {
        let code = unsafe sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        guard code == SQLITE_OK else {
            defer { unsafe sqlite3_close_v2(handle) }
            throw failure("open \(path)", code)
        }
        // Held until the end: another process is told that the file is in use.
        try execute("PRAGMA locking_mode = EXCLUSIVE")
        try execute("PRAGMA journal_mode = WAL")
        // What is committed outlives a loss of power.
        try execute("PRAGMA synchronous = FULL")
    }

    deinit {
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs statements without results of interest.
    func execute(_ sql: String) throws(Failure) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(String(sql.prefix(40)), code) }
    }

    /// Runs one statement.
    ///
    /// - Parameter row: called for each row of the result, with its columns as bytes.
    func run(_ sql: String, row: ([[UInt8]]) -> Void) throws(Failure) {
        try unsafe prepare(sql) { statement throws(Failure) in try unsafe finish(statement, sql, row) }
    }

    /// Runs one statement with `?` for values, with all of the given ones.
    func run(_ sql: String, each values: [[Value]]) throws(Failure) {
        guard !values.isEmpty else { return }
        try unsafe prepare(sql) { statement throws(Failure) in
            for row in values {
                unsafe bind(row, to: statement)
                try unsafe finish(statement, sql) { _ in }
                unsafe sqlite3_reset(statement)
            }
        }
    }

    private func prepare(_ sql: String, _ body: (OpaquePointer?) throws(Failure) -> Void) throws(Failure) {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard code == SQLITE_OK else { throw failure(String(sql.prefix(40)), code) }
        defer { unsafe sqlite3_finalize(statement) }
        try unsafe body(statement)
    }

    private func bind(_ values: [Value], to statement: OpaquePointer?) {
        // SQLITE_TRANSIENT, which Swift does not see since it is a cast: SQLite copies the value.
        let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for (position, value) in values.enumerated() {
            let place = Int32(position + 1)
            switch value {
            case .text(let text): unsafe sqlite3_bind_text(statement, place, text, -1, transient)
            case .bytes(let bytes): unsafe sqlite3_bind_blob(statement, place, bytes, Int32(bytes.count), transient)
            }
        }
    }

    /// Runs a statement to its end.
    private func finish(_ statement: OpaquePointer?, _ sql: String, _ row: ([[UInt8]]) -> Void) throws(Failure) {
        while true {
            switch unsafe sqlite3_step(statement) {
            case SQLITE_DONE: return
            case SQLITE_ROW:
                let columns = unsafe sqlite3_column_count(statement)
                row(
                    (0..<columns).map { column in
                        let count = unsafe Int(sqlite3_column_bytes(statement, column))
                        guard count > 0, let bytes = unsafe sqlite3_column_blob(statement, column) else { return [] }
                        return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
                    })
            case let code: throw failure(String(sql.prefix(40)), code)
            }
        }
    }

    /// Runs `body` in a transaction, which an error takes back.
    func transaction(_ body: () throws(Failure) -> Void) throws(Failure) {
        try execute("BEGIN IMMEDIATE")
        do throws(Failure) {
            try body()
            try execute("COMMIT")
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    private func failure(_ operation: String, _ code: Int32) -> Failure {
        Failure(operation: operation, code: code, text: unsafe String(cString: sqlite3_errstr(code)))
    }
}
