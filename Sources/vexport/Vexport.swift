import ArgumentParser
import HostCollector

@main
struct Vexport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vexport",
        abstract: "Watches virtual network interfaces and serves their metrics to Prometheus.",
        version: "vexport \(Version.current)",
        subcommands: [
            Serve.self, Dump.self, Path.self, Explain.self, Events.self, Alerts.self, SilenceCommand.self, Metrics.self,
            Check.self, PluginCommand.self, HostHelper.self, PluginHostCommand.self,
        ])

    /// Runs the command. Exits with 2 for wrong usage, where the library would say 64 (EX_USAGE).
    static func main() async {
        do {
            var command = try parseAsRoot()
            // Before anything else is open that the helper would inherit.
            if var serve = command as? Serve {
                serve.helper = Result { try HelperLauncher.start() }
                // What faces the network may not look at other processes.
                do { try HelperLauncher.giveUpRights() } catch {
                    StandardError.write("vexport keeps rights that it must not have: \(error)\n")
                    throw ExitCode(3)
                }
                command = serve
            }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardError.write(fullMessage(for: error) + "\n")
            exit(withError: ExitCode(2))
        }
    }
}

enum Version {
    static let current = "0.1.0"
}
