import Foundation
import TestSupport
import Testing

/// `vexport plugin new`, as its users run it.
struct PluginCommandTests {
    @Test("a name that is taken is told, without the usage, and what is there stays")
    func taken() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vxp\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        func make() throws -> String {
            let command = "\(Command.vexport) plugin new my-c --language c 2>&1; echo status $?"
            return try Command.run("sh", "-c", "cd \(directory.path) && \(command)")
        }
        try #expect(make().hasSuffix("vexport check\nstatus 0\n"))
        let file = directory.appendingPathComponent("my-c/my-c.c")
        try Data("mine".utf8).write(to: file)
        try #expect(
            make()
                == "vexport plugin new: my-c/my-c.c is there already and is not overwritten: choose another name\n"
                + "status 3\n")
        try #expect(String(contentsOf: file, encoding: .utf8) == "mine")
    }
}
