import Foundation
import TestSupport
import Testing
import VexportCore

/// Whose macvtaps are whose: their holders open a device file of each link, which does not say which namespace that is in.
@Suite struct MacvtapTests {
    /// A macvtap on veth0, and its device file.
    private struct Macvtap {
        let file: String
        /// Major and minor number.
        let number: String

        init(_ name: String, index: Int, in namespace: Namespace, files: String) throws {
            try namespace.ip("link add link veth0 name \(name) index \(index) type macvtap mode bridge")
            number = try namespace.run("cat", "/sys/class/macvtap/tap\(index)/dev")
            // Where no devtmpfs makes it.
            file = try Command.run(
                "bash", "-c",
                """
                file=/dev/tap\(index)
                if ! [ -c $file ]; then
                  file=\(files)/tap\(index)
                  mknod $file c \(number.split(separator: ":").joined(separator: " "))
                fi
                printf %s $file
                """)
        }
    }

    private static func hold(_ namespace: Namespace, _ words: String...) throws -> Background {
        let holder = try Background(
            ["ip", "netns", "exec", namespace.name, "python3", OwnerTests.scene("openfile")] + words)
        try holder.waitForLine("ready")
        return holder
    }

    /// What a QEMU would be called.
    private static let guest = "exec -a qemu-system-x86_64 bash -c 'kill -STOP $$' -name guest=tapped"

    @Test("a macvtap belongs to who has opened its device file, not to who names it only or held one that is gone")
    func holders() throws {
        let files = FileManager.default.temporaryDirectory.appendingPathComponent("vxmacvtap-\(getpid())").path
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: files) }
        let (near, far) = (try Namespace(), try Namespace())
        let index = 70_000 + Int(getpid()) % 10_000
        for namespace in [near, far] {
            try namespace.ip("link add veth0 type veth peer name veth1")
        }
        let gone = try Macvtap("gone0", index: index, in: near, files: files)
        let stale = try Self.hold(near, gone.file)
        defer { stale.kill() }
        try near.ip("link del gone0")
        // The kernel gives the lowest number that is free: this one, or a lower one that somebody else has left.
        var reused = try Macvtap("reused0", index: index + 10_000, in: near, files: files)
        for number in 1...20 where reused.number != gone.number {
            reused = try Macvtap("reused\(number)", index: index + 10_000 + number, in: near, files: files)
        }
        #expect(reused.number == gone.number)
        let named = try Macvtap("named0", index: index + 20_000, in: near, files: files)
        let naming = try Self.hold(near, "--path", named.file)
        defer { naming.kill() }
        let held = try Macvtap("held0", index: index + 30_000, in: near, files: files)
        let holder = try Self.hold(near, held.file, "bash", "-c", Self.guest)
        defer { holder.kill() }
        // As Kata Containers have it: in the namespace of a pod, with the machine.
        let there = try Macvtap("vxthere0", index: index + 40_000, in: far, files: files)
        let inhabitant = try Self.hold(far, there.file)
        defer { inhabitant.kill() }
        let daemon = try DaemonTests.serve(near, "--links.namespaces", "all")
        defer { daemon.stop() }
        try OwnerTests.waitForLine(
            near, #"vexport_workload_info{device="held0""#, #"workload="tapped",workload_kind="vm""#)
        try OwnerTests.waitForLine(
            near, #"vexport_workload_info{device="vxthere0",netns="\#(far.name)""#, #"workload="python3""#)
        let page = try OwnerTests.page(near)
        let owned = page.split(separator: "\n").filter {
            $0.hasPrefix("vexport_workload_info{") && !$0.contains("netns=")
        }
        #expect(owned.count == 1, "\(owned)")
        #expect(!page.contains(#"vexport_workload_receive_bytes_total{device="held0""#), "its own are the guest's")
        try near.ip("link set held0 name renamed0")
        try OwnerTests.waitForLine(near, #"vexport_workload_info{device="renamed0""#, #"workload="tapped""#)
        try commandsNameIt(near)
    }

    private func commandsNameIt(_ namespace: Namespace) throws {
        func vexport(_ words: String...) throws -> String {
            try Command.run(
                ["ip", "netns", "exec", namespace.name, "env", "COLUMNS=300", DaemonTests.binary] + words
                    + ["--socket", namespace.socket])
        }
        #expect(try vexport("explain", "renamed0").contains("the vm tapped"))
        // Of the last two scheduled ticks, for rates.
        try wait("the guest in the table") {
            try vexport("dump").split(separator: "\n").contains { $0.contains("renamed0") && $0.contains("vm tapped") }
        }
        let path = try vexport("path", "tapped", "--format", "json")
        let names = try JSONDecoder().decode([PathRecord].self, from: Data(path.utf8)).first?.hops.map(\.link.name)
        #expect(names == ["renamed0", "veth0", "veth1"])
    }
}
