import FoundationEssentials
import Glibc
import VexportCore

/// Where commands print. A reader that goes away early ends the process by SIGPIPE, as it does other programs.
enum StandardOutput {
    struct Failure: Error, CustomStringConvertible {
        let errno: Int32
        var description: String { "can't write to standard output: \(SystemCallError.text(errno))" }
    }

    /// Writes all of `text`.
    static func write(_ text: String) throws(Failure) {
        try write(Array(text.utf8))
    }

    /// A value as one line of JSON.
    static func line(json value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }

    /// Writes the lines that `render` hands out, many at once.
    static func writeLines(_ render: ((String) throws -> Void) throws -> Void) throws {
        var text = ""
        try render { line in
            text += line
            guard text.utf8.count >= 64 << 10 else { return }
            try write(text)
            text = ""
        }
        try write(text)
    }

    /// Writes all of `bytes`.
    static func write(_ bytes: [UInt8]) throws(Failure) {
        var failure: Failure?
        unsafe bytes.withUnsafeBytes { bytes in
            do throws(Failure) { try unsafe write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Writes all of `bytes`.
    static func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let next = unsafe UnsafeRawBufferPointer(rebasing: rest)
            let count = unsafe Glibc.write(STDOUT_FILENO, next.baseAddress, next.count)
            if count >= 0 {
                unsafe rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                // NIO ignores the signal in the whole process.
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            } else if errno != EINTR {
                throw Failure(errno: errno)
            }
        }
    }
}

/// Where commands complain.
enum StandardError {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { _ = unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
