import Foundation

/// Waits for something that the kernel or a program does in its own time.
///
/// - Parameter what: is asked for only when it did not come, so it may say what there is instead.
public func wait(_ what: @autoclosure () -> String, seconds: Int = 10, until condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            throw Command.Failure(description: "\(what()) did not come in \(seconds) s")
        }
        usleep(20_000)
    }
}
