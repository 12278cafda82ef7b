import Foundation
import TestSupport
import Testing

/// `vexport events` and the address that it asks.
@Suite(.serialized) struct EventsTests {
    @Test("events of all namespaces are shown, chosen, and followed")
    func events() throws {
        let (namespace, other) = (try Namespace(), try Namespace())
        let daemon = try DaemonTests.serve(namespace, "--links.namespaces", "all")
        func events(_ options: String...) throws -> String {
            try Command.run([DaemonTests.binary, "events", "--socket", namespace.socket] + options)
        }
        let label = other.name
        let follower = try Background([
            DaemonTests.binary, "events", "--socket", namespace.socket, "--follow", "--netns", label,
        ])
        try namespace.ip("link add near type veth peer name far")
        try namespace.ip("link set far netns \(other.name)")
        try other.ip("link set far up")
        try follower.waitForLine("far (netns \(label)): moved here from vexport's own namespace")
        try follower.waitForLine("far (netns \(label)): set up")
        try other.ip("link del far")
        try follower.waitForLine("far (netns \(label)): deleted")
        #expect(follower.isRunning)
        try wait("the deletion") { try events("--device", "near").contains("near: deleted") }
        let own = try events("--netns", "", "--since", "1h")
        #expect(own.contains(" near: created\n") && !own.contains("netns \(label)"))
        #expect(try events("--netns", label, "--device", "n*") == "no events\n")
        #expect(try events("--since", "0s", "--device", "near") == "no events\n")
        let lines = try events("--device", "far", "--format", "json").split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.compactMap { $0["type"] as? String }.prefix(2) == ["created", "moved"])
        let numbers = lines.compactMap { $0["number"] as? Int }
        #expect(numbers == numbers.sorted() && numbers.count == lines.count)
        let last = try #require(numbers.last)
        #expect(try events("--since", "\(last)", "--device", "far") == "no events\n")
        let bad = try namespace.run(
            "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", namespace.socket,
            "http://vexport/api/v1/events?limit=0")
        #expect(bad == "400")
        follower.stop()
        #expect(daemon.stop() == 0)
        let alone = try namespace.run(
            "bash", "-c", "\(DaemonTests.binary) events --socket \(namespace.socket) 2>/dev/null; echo $?")
        #expect(alone == "3\n")
    }
}
