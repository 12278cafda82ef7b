import Foundation

/// Waits for something that the kernel or a program does in its own time.
public func wait(_ what: String, seconds: Int = 10, until condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            throw Command.Failure(description: "\(what) did not come in \(seconds) s")
        }
        usleep(20_000)
    }
}
