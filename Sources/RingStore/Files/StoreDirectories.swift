import Glibc

/// Where a store's files are: blocks on a disk, logs on a tmpfs. nil where there is no such place.
struct StoreDirectories: Sendable {
    var state: StoreDirectory?
    var runtime: StoreDirectory?

    static let blockEnding = ".block"
    static let logEnding = ".log"

    init(state: StoreDirectory?, runtime: StoreDirectory?) {
        self.state = state
        self.runtime = runtime
    }

    /// Opens those that can be opened, and tells of those that cannot.
    init(_ options: RingOptions, _ notify: (RingNotice) -> Void) throws(RingError) {
        state = try Self.open(options.stateDirectory, "the history is kept in memory only", notify)
        // Without what is there already, logs would give subjects the numbers that others have.
        let isBlind = state == nil && options.stateDirectory != nil
        runtime = try Self.open(
            isBlind ? nil : options.runtimeDirectory, "a crash loses what is not yet in a closed block", notify)
        // What an earlier process was just making when it was killed.
        for directory in [state, runtime] {
            for name in (try? directory?.names(".tmp")) ?? [] { directory?.remove(name) }
        }
    }

    private static func open(
        _ path: String?, _ consequence: String, _ notify: (RingNotice) -> Void
    ) throws(RingError) -> StoreDirectory? {
        guard let path else { return nil }
        do {
            return try StoreDirectory(locking: path)
        } catch {
            guard error.code != EWOULDBLOCK else { throw RingError.inUse(directory: path) }
            notify(RingNotice(kind: .degraded, description: "\(error): \(consequence)"))
            return nil
        }
    }

    /// Memory for a log: in the runtime directory, or, if that fails, of this process.
    func region(_ origin: Origin, _ capacity: Int, _ failed: (SystemError) -> Void) -> LogRegion {
        guard let runtime else { return LogRegion(capacity: capacity) }
        let name = origin.name(Self.logEnding)
        do throws(SystemError) {
            let region = try LogRegion(path: runtime.path + "/" + name, capacity: capacity)
            do throws(SystemError) {
                try region.allot(1)
                return region
            } catch {
                runtime.remove(name + LogRegion.unpublishedEnding)
                throw error
            }
        } catch {
            failed(error)
            return LogRegion(capacity: capacity)
        }
    }
}
