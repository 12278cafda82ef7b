import FoundationEssentials
import Glibc
import VexportCore

/// The plugin's side of the line protocol, for a plugin that is a shared library.
public enum LibraryServer {
    private struct Line: Decodable {
        let type: String
        let id: UInt64?
        let plugin: String?
        let links: [LinkSummary]?
    }

    private struct Answer: Encodable {
        struct Entry: Encodable {
            let link: UInt64
            let labels: [String: String]
        }

        var type = "result"
        var version: Int?
        var hooks: [String]?
        var id: UInt64?
        var text: String?
        var links: [Entry]?
        var error: String?

        enum CodingKeys: String, CodingKey {
            case type, hooks, id, text, links, error
            case version = "protocol"
        }
    }

    /// Answers lines on standard input until that ends.
    ///
    /// - Parameter path: the library.
    public static func run(_ path: String) {
        // What the library prints must not be taken for answers.
        let output = fcntl(1, F_DUPFD_CLOEXEC, 3)
        guard output >= 0, dup2(2, 1) >= 0 else { return }
        signal(SIGPIPE, SIG_IGN)
        // Standard input ends too, and then the library is closed in peace.
        signal(SIGTERM, SIG_IGN)
        var library: PluginLibrary?
        while let text = readLine() {
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else { continue }
            var answer: Answer?
            do throws(PluginFailure) {
                answer = try self.answer(line, text, &library, path)
            } catch {
                answer = Answer(type: "error", id: line.id, error: error.description)
            }
            guard let answer, let bytes = try? JSONEncoder().encode(answer) else { continue }
            guard write([UInt8](bytes) + [UInt8(ascii: "\n")], to: output) else { break }
        }
        library?.close()
    }

    private static func answer(
        _ line: Line, _ text: String, _ library: inout PluginLibrary?, _ path: String
    ) throws(PluginFailure) -> Answer? {
        if line.type == "hello" {
            let opened = try PluginLibrary(path, name: line.plugin ?? "")
            library = opened
            return Answer(type: "hello", version: StreamLine.version, hooks: opened.hooks.map(\.rawValue))
        }
        guard let library else { return nil }
        switch line.type {
        case "collect": return Answer(id: line.id, text: try library.collect())
        case "enrich":
            var entries: [Answer.Entry] = []
            for link in line.links ?? [] {
                let labels = try library.enrich(link)
                if !labels.isEmpty { entries.append(Answer.Entry(link: link.number, labels: labels)) }
            }
            return Answer(id: line.id, links: entries)
        case "deliver":
            try library.deliver(text)
            return Answer(id: line.id)
        default:
            library.observe(text)
            return nil
        }
    }

    /// - Returns: false when nobody reads any more.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
