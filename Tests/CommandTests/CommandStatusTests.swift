import TestSupport
import Testing

/// The statuses that commands end with, as a shell sees them.
struct CommandStatusTests {
    /// What the API answers.
    private static let explanation =
        #"{"data": {"device": "lo", "what": [], "other_end": [], "findings": []}}"#
    private static let event =
        #"{"data": {"events": [{"number": 1, "timestamp_seconds": 1, "device": "lo", "ifindex": 1, "type": "created", "#
        + #""text": "lo: created", "inferred": false}], "last": 1, "missed": false}}"#

    @Test(
        "a full disk is status 3, and never that something is wrong with a link",
        arguments: [
            ("explain", "lo", explanation), ("explain", "lo --format json", explanation),
            ("path", "lo --format json", #"{"data": []}"#), ("events", "", event),
            ("alerts", "", #"{"data": {"alerts": [], "deliveries": []}}"#), ("silence list", "", #"{"data": []}"#),
        ])
    func fullDisk(command: String, arguments: String, answer: String) throws {
        let daemon = try FakeDaemon { $0.answer(answer) }
        try #expect(
            onFullDisk("\(command) \(arguments) --socket \(daemon.path)")
                == "vexport \(command): can't write to standard output: No space left on device\nstatus 3\n")
    }

    @Test(
        "so it is for those that ask nobody",
        arguments: [
            ("check", "--config.only --config.file /dev/null"), ("check", "--config.reference"),
            ("metrics", "--catalogue"),
        ])
    func fullDiskAlone(command: String, arguments: String) throws {
        try #expect(
            onFullDisk("\(command) \(arguments)")
                == "vexport \(command): can't write to standard output: No space left on device\nstatus 3\n")
    }

    private func onFullDisk(_ arguments: String) throws -> String {
        try Command.run("sh", "-c", "\(Command.vexport) \(arguments) 2>&1 > /dev/full; echo status $?")
    }
}
