import ArgumentParser
internal import CStarters
import Glibc
import VexportCore

/// `vexport plugin`: for who writes plugins.
struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Write plugins.", subcommands: [New.self])

    /// `vexport plugin new`.
    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a plugin that works, to begin with.",
            discussion: "Makes a directory NAME here, and tells how to go on.")

        enum Language: String, CaseIterable, ExpressibleByArgument {
            case c, python, shell
        }

        @Argument(help: "The plugin's name: letters, digits, _ and -, a letter first.")
        var name: String

        @Option(
            help:
                "c for a shared library, python for a program that runs all the time, shell for one that is started anew."
        )
        var language: Language

        func validate() throws {
            let letters = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            guard letters, name.first?.isLetter == true, name.utf8.count <= 64 else {
                throw ValidationError("expected a name of letters, digits, _ and -, a letter first, got '\(name)'")
            }
        }

        func run() async throws {
            try await CommandFailure.reported("plugin new") {
                for file in files { try Self.write(file) }
                try StandardOutput.write(advice)
            }
        }

        /// A file that there is already: it is somebody's work.
        private struct Taken: Error, CustomStringConvertible {
            let path: String
            var description: String { "\(path) is there already and is not overwritten: choose another name" }
        }

        private struct File {
            let path: String
            let text: String
            let mode: mode_t
        }

        private var files: [File] {
            switch language {
            case .c:
                unsafe [
                    File(path: "\(name)/\(name).c", text: filled(vexport_starter_c), mode: 0o644),
                    File(path: "\(name)/vexport_plugin.h", text: filled(vexport_starter_header), mode: 0o644),
                ]
            case .python: unsafe [File(path: "\(name)/\(name)", text: filled(vexport_starter_python), mode: 0o755)]
            case .shell: unsafe [File(path: "\(name)/\(name)", text: filled(vexport_starter_shell), mode: 0o755)]
            }
        }

        private var advice: String {
            let place = "/usr/lib/vexport/plugins/\(name)"
            let (build, entry) =
                switch language {
                case .c: ("cc -shared -fPIC -O2 -Wall -o \(name)/\(name) \(name)/\(name).c\n", "library: \(place)")
                case .python: ("", "command: [\(place)], mode: stream")
                case .shell: ("", "command: [\(place)]")
                }
            return """
                \(build)sudo install -D \(name)/\(name) \(place)
                # In the configuration:
                #   plugins: [{name: \(name), \(entry)}]
                vexport check

                """
        }

        private func filled(_ template: UnsafePointer<CChar>) -> String {
            var result = ""
            for (number, part) in unsafe String(cString: template).split(
                separator: "@", omittingEmptySubsequences: false
            ).enumerated() {
                switch part {
                case "NAME" where number % 2 == 1: result += name
                case "METRIC" where number % 2 == 1: result += name.map { $0 == "-" ? "_" : $0 }
                default: result += part
                }
            }
            return result
        }

        private static func write(_ file: File) throws {
            let directory = String(file.path.prefix { $0 != "/" })
            if unsafe mkdir(directory, 0o755) != 0 {
                let failure = SystemCallError.last("make \(directory)")
                guard failure.code == EEXIST else { throw failure }
            }
            let descriptor = unsafe open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.mode)
            guard descriptor >= 0 else {
                let failure = SystemCallError.last("write \(file.path)")
                throw failure.code == EEXIST ? Taken(path: file.path) : failure
            }
            defer { close(descriptor) }
            var rest = Array(file.text.utf8)[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { throw SystemCallError.last("write \(file.path)") }
                rest = rest.dropFirst(count)
            }
        }
    }
}
