import ArgumentParser
import ControlClient
import VexportCore

/// `vexport events`: what happened to which link.
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happened to links, as the daemon saw it.",
        discussion: """
            The daemon keeps the last \(EventJournal.defaultCapacity) events. "(inferred)" marks what no message told \
            but a comparison with the kernel.
            """)

    @OptionGroup var socket: SocketOption

    @Flag(name: .shortAndLong, help: "Go on with new events as they come.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "Only events of the last while, such as 90s or 1h30m, or after one's number.",
            valueName: "time|number"))
    var since: Since?

    @Option(help: "Only links with this name; * and ? stand for others.")
    var device: String?

    @Option(help: "Only links in the namespace with this label; * and ? stand for others. Empty for the daemon's own.")
    var netns: String?

    @Option(help: "text, or json for one object a line.")
    var format = AnswerFormat.text

    func run() async throws {
        try await CommandFailure.reported("events") { try await show(ControlClient(socket: socket.path)) }
    }

    private func show(_ client: ControlClient) async throws {
        var query = [(name: "limit", value: "\(EventSource.largestPage)")]
        if let device { query.append(("device", device)) }
        if let netns { query.append(("netns", netns)) }
        var after = since?.number ?? 0
        let oldest = since?.duration.map { Timestamp.now.seconds - $0.seconds }
        var isFirst = true
        repeat {
            let wait = isFirst ? [] : [(name: "wait", value: "5")]
            let page = try await client.read(
                EventPage.self, "/api/v1/events", query: query + [("after", "\(after)")] + wait)
            if page.hasMissed { StandardError.write("vexport events: some events came and went unseen\n") }
            let events = page.events.filter { $0.time >= oldest ?? -.infinity }
            if events.isEmpty, !follow, format == .text { try StandardOutput.write("no events\n") }
            try write(events)
            after = page.last
            isFirst = false
        } while follow
    }

    private func write(_ events: [EventPage.Event]) throws {
        try StandardOutput.writeLines { put in
            for event in events {
                switch format {
                case .text: try put("\(Timestamp(seconds: event.time)?.description ?? "-") \(event.text)\n")
                case .json: try put(StandardOutput.line(json: event))
                }
            }
        }
    }

    /// A time ago, or an event's number.
    struct Since: ExpressibleByArgument, Equatable {
        var number: UInt64?
        var duration: Duration?

        init?(argument: String) {
            if let number = UInt64(argument) {
                self.number = number
                return
            }
            guard let duration = Duration(prometheusText: argument) else { return nil }
            self.duration = duration
        }
    }
}
