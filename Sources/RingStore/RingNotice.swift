/// Something that whoever runs the store should know. The store goes on, whatever it is.
public struct RingNotice: Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// A file is damaged or of a later version. It was renamed, and what it held is missing.
        case setAside
        /// Something cannot be written: history is kept, but would not survive as it should.
        case degraded
        /// What could not be written could be, again.
        case restored
    }

    public var kind: Kind
    /// What happened where, why, and what to do.
    public var description: String

    public init(kind: Kind, description: String) {
        self.kind = kind
        self.description = description
    }
}

/// Why a store cannot be opened at all.
public enum RingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another process has it. Two would overwrite each other's files.
    case inUse(directory: String)
    /// A directory that is to be read cannot be.
    case unreadable(SystemError)

    public var description: String {
        switch self {
        case .inUse(let directory): "\(directory): another process has this store open"
        case .unreadable(let error): "\(error)"
        }
    }
}
