import Glibc

/// A system call that failed: what was done, where, and why.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was being done, e.g. `write`.
    public var operation: String
    public var path: String
    public var code: Int32

    /// The failure that the last system call left in `errno`. The only place where this module reads it.
    static func last(_ operation: String, _ path: String) -> SystemError {
        SystemError(operation: operation, path: path, code: Glibc.errno)
    }

    /// Whether the place is not there.
    var isAbsence: Bool { code == ENOENT }

    public var description: String {
        var buffer = [CChar](repeating: 0, count: 128)
        let known = unsafe strerror_r(code, &buffer, buffer.count) == 0
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "\(operation) \(path): " + (known ? text : "errno \(code)")
    }
}
