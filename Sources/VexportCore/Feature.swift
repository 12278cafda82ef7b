/// Something that vexport does only where the kernel and its rights allow it.
public struct Feature: Sendable {
    public enum State: Sendable, Equatable {
        /// - Parameter facts: what was found, e.g. a size. May be empty.
        case works(facts: String)
        /// - Parameters:
        ///   - reason: what stands in the way.
        ///   - cost: what vexport does worse or not at all.
        ///   - remedy: what would change that.
        case missing(reason: String, cost: String, remedy: String)
    }

    /// One or two words.
    public let name: String
    public let state: State

    public init(_ name: String, _ state: State) {
        self.name = name
        self.state = state
    }
}
