import Glibc
import VexportCore

/// Where the configuration comes from.
struct ConfigFile: Sendable {
    static let standardPath = "/etc/vexport/config.yaml"
    /// Bytes.
    static let largest = 1 << 20

    /// nil: the standard one, if it is there.
    let givenPath: String?

    var path: String { givenPath ?? Self.standardPath }

    /// Reads the file.
    ///
    /// - Throws: `ConfigError` with everything that is wrong.
    func read() throws(ConfigError) -> Config {
        guard let bytes = try readBytes() else { return Config() }
        return try Self.parse(bytes, path: path)
    }

    /// Whether there is a file: without one the defaults hold.
    var isThere: Bool { unsafe access(path, F_OK) == 0 }

    /// - Parameter path: for messages.
    static func parse(_ bytes: [UInt8], path: String) throws(ConfigError) -> Config {
        let root: YAMLNode?
        do throws(ConfigProblem) { root = try YAMLParser.parse(bytes) } catch {
            throw ConfigError(path: path, problems: [error])
        }
        guard let root else { return Config() }
        var problems: [ConfigProblem] = []
        let config = Config.read(root, &problems)
        // What only fits together or does not is judged once each part is right.
        if problems.isEmpty { _ = (config.alertSettings(&problems), config.makePlugins(&problems)) }
        guard problems.isEmpty else { throw ConfigError(path: path, problems: problems) }
        return config
    }

    private func readBytes() throws(ConfigError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let failure = SystemCallError.last("open")
            if failure.code == ENOENT, givenPath == nil { return nil }
            throw ConfigError(path: path, failure)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw ConfigError(path: path, .last("read")) }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= Self.largest else {
                throw ConfigError(path: path, reason: "larger than \(Self.largest) bytes")
            }
        }
    }
}

/// A configuration that can't be used: all that is wrong with it, a line each.
struct ConfigError: Error, CustomStringConvertible {
    let lines: [String]
    /// What a person could do.
    private(set) var remedy = "mend the file"

    init(path: String, reason: String) {
        lines = ["\(EscapedText(path.utf8)): \(reason)"]
    }

    /// Of a file that can't be read.
    init(path: String, _ failure: SystemCallError) {
        self.init(path: path, reason: SystemCallError.text(failure.code))
        switch failure.code {
        case ENOENT, ENOTDIR: remedy = "create the file, or pass another path by --config.file"
        case EACCES, EPERM: remedy = "let this user read the file and look into its directories"
        default: remedy = "a file that can be read, or another path by --config.file"
        }
    }

    init(path: String, problems: [ConfigProblem]) {
        lines = problems.map { "\(EscapedText(path.utf8)):\($0.place.line):\($0.place.column): \($0.text)" }
    }

    var description: String { lines.joined(separator: "\n") }
}
