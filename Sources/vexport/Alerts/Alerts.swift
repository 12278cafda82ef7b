import ArgumentParser
import ControlClient
import Notifier
import VexportCore

/// `vexport alerts`: what fires, what was told to whom, and what waits.
struct Alerts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the daemon's alerts, what was told to whom, and what waits.",
        subcommands: [AlertTest.self, AlertList.self], defaultSubcommand: AlertList.self)
}

struct AlertList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Show alerts and deliveries.")

    @OptionGroup var socket: SocketOption

    func run() async throws {
        try await CommandFailure.reported("alerts") {
            let report = try await ControlClient(socket: socket.path).read(AlertReport.self, "/api/v1/alerts")
            try StandardOutput.write(Self.text(report))
        }
    }

    static func text(_ report: AlertReport) -> String {
        var lines = report.alerts.isEmpty ? ["no alerts"] : []
        for alert in report.alerts {
            var labels = alert.labels
            let name = labels.removeValue(forKey: "alertname") ?? ""
            let marks = (alert.silenced ? " silenced" : "") + (alert.heldBack ? " held-back" : "")
            lines.append("\(alert.state)\(marks)  \(name) \(LabelSet(labels))  since \(alert.activeAt)")
            if let summary = alert.annotations["summary"] { lines.append("    \(EscapedText(summary.utf8))") }
        }
        if !report.deliveries.isEmpty { lines.append("") }
        for delivery in report.deliveries {
            var line = "\(delivery.channel): \(delivery.delivered) delivered, \(delivery.waiting) waiting"
            line += ", \(delivery.told) firing told"
            if delivery.failedTries > 0 { line += ", \(delivery.failedTries) tries failed" }
            if delivery.dropped > 0 { line += ", \(delivery.dropped) given up" }
            if let error = delivery.lastError { line += "; last error: \(EscapedText(error.utf8))" }
            if let next = delivery.nextTry { line += "; next try \(next)" }
            lines.append(line)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// `vexport alerts test`: whether a receiver can be reached.
struct AlertTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a test to a receiver. Exit status 1 when a channel of it fails.")

    @OptionGroup var socket: SocketOption
    @Argument(help: "The receiver's name in the configuration.") var receiver: String

    func run() async throws {
        try await CommandFailure.reported("alerts test", refusalStatus: 1) {
            let results = try await ControlClient(socket: socket.path).change(
                [TestResult].self, "/api/v1/alerts/test", query: [("receiver", receiver)])
            let lines = results.map { result in
                "\(result.channel): \(result.failure.map { "FAILED: \(EscapedText($0.utf8))" } ?? "delivered")\n"
            }
            try StandardOutput.write(lines.joined())
            if results.contains(where: { $0.failure != nil }) { throw ExitCode(1) }
        }
    }
}
