import TestSupport
import Testing
import VexportCore

@testable import vexport

/// `vexport events`, asking a daemon that says what the test wants.
struct EventsCommandTests {
    private func events(_ options: String, _ page: String) throws -> String {
        let daemon = try FakeDaemon { $0.answer(#"{"data": \#(page)}"#) }
        return try Command.run("sh", "-c", "\(Command.vexport) events --socket \(daemon.path) \(options) 2>&1")
    }

    @Test("a time ago is written as durations are elsewhere, or is an event's number")
    func since() {
        #expect(Events.Since(argument: "1h30m")?.duration == .seconds(5400))
        #expect(Events.Since(argument: "0s")?.duration == .zero)
        #expect(Events.Since(argument: "90")?.number == 90)
        for text in ["", "s", "1.5h", "90 s", "30m1h", "-1s"] { #expect(Events.Since(argument: text) == nil) }
    }

    @Test("nothing to show is said to people, and is nothing to programs")
    func nothing() throws {
        let none = #"{"events": [], "last": 0, "missed": false}"#
        try #expect(events("", none) == "no events\n")
        try #expect(events("--format json", none).isEmpty)
        let old =
            #"{"events": [{"number": 1, "timestamp_seconds": 1, "device": "a", "ifindex": 1, "type": "created", "#
            + #""text": "a: created", "inferred": false}], "last": 1, "missed": false}"#
        try #expect(events("--since 1h30m", old) == "no events\n")
        try #expect(events("", old) == "1970-01-01T00:00:01.000Z a: created\n")
    }
}
