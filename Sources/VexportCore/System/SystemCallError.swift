import Glibc

/// A system call that failed: what was tried, and the errno.
public struct SystemCallError: Error, Equatable, CustomStringConvertible, Sendable {
    public var operation: String
    public var code: Int32

    public init(_ operation: String, _ code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// Of the last system call: reads `errno`.
    public static func last(_ operation: String) -> SystemCallError { SystemCallError(operation, errno) }

    public var description: String { "\(operation): \(Self.text(code))" }

    /// What the system says of an errno.
    public static func text(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        let known = unsafe strerror_r(code, &buffer, buffer.count) == 0
        guard known else { return "errno \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
