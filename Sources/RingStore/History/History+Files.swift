extension History {
    /// Reads what a store left in its directories, or has there while it runs, and changes nothing.
    ///
    /// - Parameters:
    ///   - runtimeDirectory: nil, or one that is not there any more, leaves out what was open.
    ///   - notify: is told of files that cannot be used.
    /// - Throws: `RingError.unreadable` when the state directory cannot be read.
    public init(
        stateDirectory: String, runtimeDirectory: String? = nil, notify: (RingNotice) -> Void
    ) throws(RingError) {
        var directories = StoreDirectories(
            state: StoreDirectory(reading: stateDirectory), runtime: runtimeDirectory.map(StoreDirectory.init(reading:))
        )
        if let error = directories.runtime?.unreadable {
            notify(RingNotice(kind: .degraded, description: "\(error): what was open is left out"))
            directories.runtime = nil
        }
        let recovery: Recovery
        do throws(SystemError) {
            recovery = try Recovery(directories, setsAside: false, notify)
        } catch {
            throw RingError.unreadable(error)
        }
        subjects = recovery.registry().subjects
        let tierCount = (recovery.kept.map(\.block.origin.tier).max() ?? 0) + 1
        sources = (0..<tierCount).map { tier in
            recovery.kept.filter { $0.block.origin.tier == tier }.map { .block($0.block) }
        }
    }
}
