public import Logging
import Synchronization

/// Keeps what is logged.
public final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    public var all: [String] { lines.withLock { $0 } }
    /// Whether a line has the part.
    public func contains(_ part: String) -> Bool { all.contains { $0.contains(part) } }

    public init() {}

    public var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    public var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    public func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.withLock { $0.append(([event.message.description] + values).joined(separator: " ")) }
    }
}
