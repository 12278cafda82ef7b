import ArgumentParser
import HostCollector

/// `vexport host-helper`: the process that looks for owners. The daemon starts it; nobody else should.
struct HostHelper: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host-helper", abstract: "Look for owners of links on behalf of a daemon.", shouldDisplay: false)

    func run() throws {
        throw ExitCode(HelperProcess.run())
    }
}
