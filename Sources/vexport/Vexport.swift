import ArgumentParser

@main
struct Vexport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vexport",
        abstract: "Watches virtual network interfaces and serves their metrics to Prometheus.",
        version: "vexport \(Version.current)",
        subcommands: [Serve.self])
}

enum Version {
    static let current = "0.1.0"
}
