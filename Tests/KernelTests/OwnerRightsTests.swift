import Foundation
import TestSupport
import Testing

/// What looking for owners does without the rights to look at everybody.
@Suite struct OwnerRightsTests {
    private static let withoutRights = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    private static let words = "only owners among this user's own processes are found"

    @Test("without the rights only links of own processes have owners, and that is said once")
    func missing() throws {
        let namespace = try Namespace()
        let enter = ["ip", "netns", "exec", namespace.name]
        let own = try Background(
            enter + ["python3", OwnerTests.scene("taphandover"), "own0"] + Self.withoutRights + ["sleep", "600"])
        defer { own.kill() }
        try own.waitForLine("ready")
        // Its rights hide it from who has none.
        let other = try Background(enter + ["python3", OwnerTests.scene("taphold"), "other0"])
        defer { other.kill() }
        try other.waitForLine("ready")
        let daemon = try Background(
            enter + Self.withoutRights + [
                DaemonTests.binary, "serve", "--links.namespaces", "own", "--web.listen-address", "127.0.0.1:10119",
                "--socket", "", "--storage.path", "",
            ])
        defer { daemon.stop() }
        try daemon.waitForLine(Self.words)
        func checkOwners() throws {
            try OwnerTests.waitForLine(namespace, #"vexport_tap_info{device="own0""#, #"workload="sleep""#)
            let page = try OwnerTests.page(namespace)
            #expect(page.contains(#"vexport_link_admin_up{device="other0"} "#))
            #expect(!page.contains("python3"), "an owner that may not be looked at")
            #expect(page.contains("vexport_owners_complete 0\n") && page.contains("vexport_owners_helper_up 1\n"))
            let hidden = page.split(separator: "\n").first { $0.hasPrefix("vexport_owners_hidden_processes ") }
            #expect(hidden.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0 > 0)
        }
        try checkOwners()
        let helper = try #require(OwnerTests.helpers(of: daemon.pid).first)
        kill(helper, SIGKILL)
        try OwnerTests.waitForLine(namespace, "vexport_owners_helper_restarts_total 1")
        try checkOwners()
        #expect(daemon.stop() == 0)
        let log = daemon.rest()
        #expect(log.components(separatedBy: Self.words).count == 2, "said once: \(log)")
        #expect(log.contains("CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would show all"))
    }
}
