import Foundation
import TestSupport
import Testing

@testable import VexportCore

/// A compute node in miniature: QEMU, tap, bridge, veth, Open vSwitch, gateway (`Tests/Scenes/chain.sh`).
@Suite(.serialized) struct ChainTests {
    @Test("nothing is found while a guest speaks through the whole chain, and its tap when QEMU dies")
    func chain() throws {
        let gateway = try Namespace()
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vxchain-\(gateway.name)").path
        let script = Repository.root.appendingPathComponent("Tests/Scenes/chain.sh").path
        let host = try Diagnosed { try $0.run("bash", script, "up", directory, gateway.name) }
        defer { _ = try? host.namespace.run("bash", script, "down", directory) }
        try wait("Open vSwitch to hear the guest", seconds: 60) {
            try Command.run("ovs-appctl", "-t", "\(directory)/vswitchd.ctl", "fdb/show", "br-int")
                .contains("52:54:00:77:00:0b")
        }
        try host.settle()
        let wrong = host.findings.filter { $0.severity > .info }
        #expect(wrong.isEmpty, "\(wrong.map { "\($0.device): \($0.reason)" })")
        try showsPath(host.namespace)

        let qemu = try String(contentsOfFile: "\(directory)/qemu.pid", encoding: .utf8)
        kill(try #require(Int32(qemu.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
        try host.expect(.tapWithoutReader, "vnet0")
        #expect(host.findings.filter { $0.severity > .info }.map(\.device) == ["vnet0"])
    }

    /// Without a daemon: the guest owns its tap, which its command line names, and its path ends where only Open vSwitch knows
    /// more.
    private func showsPath(_ namespace: Namespace) throws {
        let json = try namespace.run(
            DaemonTests.binary, "path", "instance-00000077", "--socket", "", "--format", "json")
        let paths = try JSONDecoder().decode([PathRecord].self, from: Data(json.utf8))
        let path = try #require(paths.first)
        #expect(paths.count == 1 && path.workload?.kind == "vm" && path.workload?.runtime == "qemu")
        #expect(path.workload?.id == "629b29b9-b0fb-4766-b27d-f4a686d5cbda")
        #expect(path.hops.map(\.link.name) == ["vnet0", "qbr0", "qvb0", "qvo0"])
        #expect(path.end.kind == "no_master" && !path.isWrong)
        #expect((path.hops[0].link.counters?[.receivePackets] ?? 0) > 0)
    }
}
