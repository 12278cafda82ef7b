import ArgumentParser

/// How commands fail, all alike: what went wrong on standard error, and a status that says nothing about links.
enum CommandFailure {
    /// Runs `body`; what it throws is told on standard error, and ends the command with status 3. So does a write to
    /// standard output that fails: status 1 is for what commands find wrong.
    ///
    /// - Parameters:
    ///   - command: the command's name.
    ///   - refusalStatus: the status where the daemon answered that it won't.
    static func reported(
        _ command: String, refusalStatus: Int32 = 3, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let error where !(error is ExitCode) {
            StandardError.write("vexport \(command): \(error)\n")
            throw ExitCode(error is ChangeRefused ? refusalStatus : 3)
        }
    }
}
