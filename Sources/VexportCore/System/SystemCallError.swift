import Glibc

/// The collector could not start: what it tried, and the errno.
public struct CollectorError: Error, CustomStringConvertible, Sendable {
    public var operation: String
    public var errno: Int32

    init(_ operation: String, _ errno: Int32) {
        self.operation = operation
        self.errno = errno
    }

    public var description: String { unsafe "\(operation): \(String(cString: strerror(errno)))" }
}
