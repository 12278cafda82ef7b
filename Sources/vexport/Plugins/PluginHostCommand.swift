import ArgumentParser
import PluginHost

/// `vexport plugin-host`: the process that a shared library's plugin lives in. The daemon starts it; nobody else should.
struct PluginHostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin-host", abstract: "Run a plugin that is a shared library.", shouldDisplay: false)

    @Argument(help: "The library.")
    var library: String

    func run() { LibraryServer.run(library) }
}
