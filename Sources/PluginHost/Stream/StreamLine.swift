import FoundationEssentials
import VexportCore

/// The line protocol between vexport and a plugin that runs all the time: one JSON object a line, UTF-8. docs/plugins.md
/// describes it, and is a contract: what is new comes under new names, and only what would mislead raises the version.
enum StreamLine {
    /// The protocol's version.
    static let version = 1

    /// The first line that a plugin reads.
    static func hello(_ settings: PluginSettings) -> [UInt8] {
        // Names of plugins and hooks have nothing in them that JSON would have escaped.
        let hooks = settings.hooks.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        return Array(
            #"{"type":"hello","protocol":\#(version),"plugin":"\#(settings.name)","hooks":[\#(hooks)]}"#.utf8) + end
    }

    /// A request.
    ///
    /// - Parameter content: further members as JSON, such as `,"links":[]`.
    static func request(_ type: String, id: UInt64, timeout: Duration, _ content: [UInt8] = []) -> [UInt8] {
        let head = #"{"type":"\#(type)","id":\#(id),"timeout_seconds":\#(timeout.seconds)"#
        return Array(head.utf8) + content + Array("}".utf8) + end
    }

    /// A further member of a request.
    static func member(_ name: String, _ json: [UInt8]) -> [UInt8] { Array(",\"\(name)\":".utf8) + json }

    /// A line that is no request.
    ///
    /// - Parameter content: the members beside the type, as an object in JSON.
    static func notice(_ type: String, _ content: some Encodable) throws -> [UInt8] {
        Array(#"{"type":"\#(type)","#.utf8) + (try JSONEncoder().encode(content)).dropFirst() + end
    }

    private static let end = Array("\n".utf8)
}

/// A line that a plugin printed.
struct PluginLine: Decodable {
    enum Kind: String, Decodable {
        case hello, result, error
    }

    let type: Kind
    /// Of hello.
    let version: Int?
    let hooks: [String]?
    /// Of the request that it answers.
    let id: UInt64?
    /// Metrics.
    let text: String?
    /// Why it did not do what it was asked.
    let error: String?

    private enum CodingKeys: String, CodingKey {
        case type, hooks, id, text, error
        case version = "protocol"
    }

    /// - Returns: nil for what is no line of the protocol.
    init?(_ bytes: [UInt8]) {
        guard let line = try? JSONDecoder().decode(PluginLine.self, from: Data(bytes)) else { return nil }
        self = line
    }
}
