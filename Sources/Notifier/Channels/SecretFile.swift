import Glibc
import VexportCore

/// A secret in a file of its own, read for each try, so that a new one holds at once.
enum SecretFile {
    /// Names the file and what is wrong with it, never what is in it.
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let reason: String
        var description: String { "\(path): \(reason)" }
    }

    /// Bytes.
    private static let longest = 4_096

    /// - Returns: the text of the file without white space at its ends.
    static func read(_ path: String) throws(Failure) -> String {
        let bytes = try beginning(of: path, longest + 1)
        guard bytes.count <= longest else { throw Failure(path: path, reason: "longer than \(longest) bytes") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(path: path, reason: "not text")
        }
        let isSpace = { (character: Character) in character.isWhitespace }
        var trimmed = text.drop(while: isSpace)
        while let last = trimmed.last, last.isWhitespace { trimmed.removeLast() }
        guard !trimmed.isEmpty else { throw Failure(path: path, reason: "empty") }
        // What would end a header must not get into one.
        guard !trimmed.utf8.contains(where: { $0 < 0x20 }) else {
            throw Failure(path: path, reason: "more than a line")
        }
        return String(trimmed)
    }

    /// - Returns: the file's first bytes, `most` at most.
    static func beginning(of path: String, _ most: Int) throws(Failure) -> ArraySlice<UInt8> {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(path: path, reason: SystemCallError.text(errno)) }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: most)
        let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw Failure(path: path, reason: SystemCallError.text(errno)) }
        return buffer[..<count]
    }
}
