import Foundation
import TestSupport
import Testing

/// Whose links are whose, as a daemon finds out of a real kernel.
@Suite(.serialized) struct OwnerTests {
    static func scene(_ name: String) -> String {
        Repository.root.appendingPathComponent("Tests/Scenes/\(name).py").path
    }

    static func page(_ namespace: Namespace) throws -> String {
        try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
    }

    static func waitForLine(_ namespace: Namespace, _ parts: String..., seconds: Int = 15) throws {
        var last = ""
        func owners() -> String {
            last.split(separator: "\n").filter { $0.contains("workload") || $0.contains("owners_") }
                .joined(separator: "\n")
        }
        try wait("\(parts.joined(separator: " … ")); there is\n\(owners())\nIt", seconds: seconds) {
            last = try page(namespace)
            return last.split(separator: "\n").contains { line in parts.allSatisfy { line.contains($0) } }
        }
    }

    @Test("a tap belongs to who holds it, all queues, after a rename, and by a descriptor handed over")
    func taps() throws {
        let namespace = try Namespace()
        try namespace.ip("tuntap add many0 mode tap multi_queue")
        let holder = try Background(
            ["ip", "netns", "exec", namespace.name, "python3", Self.scene("taphold"), "many0", "3"])
        defer { holder.kill() }
        try holder.waitForLine("ready")
        let uuid = "629b29b9-b0fb-4766-b27d-f4a686d5cbda"
        let guest = try Background([
            "ip", "netns", "exec", namespace.name, "python3", Self.scene("taphandover"), "vnet0", "bash", "-c",
            // A QEMU's command line, whose arguments name no tap.
            "exec -a qemu-system-x86_64 python3 -c 'import signal; print(\"ready\", flush=True); signal.pause()' -name "
                + "guest='we\"b,debug-threads=on' -uuid \(uuid) -netdev tap,fd={}",
        ])
        defer { guest.kill() }
        try guest.waitForLine("ready")
        let daemon = try DaemonTests.serve(namespace)
        defer { daemon.stop() }
        try Self.waitForLine(
            namespace, "vexport_tap_info{device=\"many0\"", "workload=\"python3\",workload_kind=\"process\"")
        try Self.waitForLine(
            namespace, "vexport_workload_info{device=\"vnet0\"", #"workload="we\"b",workload_kind="vm",runtime="qemu""#,
            "id=\"\(uuid)\"")
        try namespace.ip("link set vnet0 name vnet9")
        try Self.waitForLine(namespace, "vexport_tap_info{device=\"vnet9\"", #"workload="we\"b""#)
        try Self.waitForLine(
            namespace, #"vexport_workload_receive_bytes_total{device="vnet9",workload="we\"b",workload_kind="vm"} "#)
        guest.kill()
        try wait("the end of the guest's labels") { try !Self.page(namespace).contains(#"we\"b"#) }
    }

    @Test("a tap that a process opens which has been there for long has its owner within two seconds")
    func oldProcess() throws {
        let namespace = try Namespace()
        try namespace.ip("tuntap add kept0 mode tap")
        try namespace.ip("link set kept0 up")
        func holder(_ tap: String) throws -> Background {
            let holder = try Background([
                "ip", "netns", "exec", namespace.name, "python3", Self.scene("taphold"), tap, "--wait",
            ])
            try holder.waitForLine("waiting")
            return holder
        }
        let holders = [("made0", try holder("made0")), ("kept0", try holder("kept0"))]
        defer { for (_, holder) in holders { holder.kill() } }
        let daemon = try DaemonTests.serve(namespace)
        defer { daemon.stop() }
        // Quick looks pass over processes that they have known for five seconds.
        try Self.waitForLine(namespace, "vexport_owners_sweeps_total{scope=\"quick\"} 5")
        for (tap, holder) in holders {
            let started = ContinuousClock.now
            holder.write("now\n")
            try holder.waitForLine("ready")
            try Self.waitForLine(namespace, "vexport_workload_info{device=\"\(tap)\"", "\"python3\"", seconds: 2)
            print("owner: an old process' tap \(tap) had its owner after \(ContinuousClock.now - started)")
        }
    }

    @Test("a veth belongs to the container at its far end, told by its cgroup, and counts in the container's direction")
    func containers() throws {
        let id = String(repeating: "0123456789abcdef", count: 4)
        let group = "/sys/fs/cgroup/pids/docker/\(id)"
        try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: true)
        defer {
            rmdir(group)
            rmdir("/sys/fs/cgroup/pids/docker")
        }
        let namespace = try Namespace()
        let daemon = try DaemonTests.serve(namespace, "--links.namespaces", "all")
        defer { daemon.stop() }
        let container = try Background(["unshare", "-n", "sh", "-c", "echo ready; exec sleep 600"])
        defer {
            container.kill()
            try? wait("an empty cgroup") {
                (try? String(contentsOfFile: group + "/cgroup.procs", encoding: .utf8)) == ""
            }
        }
        try container.waitForLine("ready")
        try String(container.pid).write(toFile: group + "/cgroup.procs", atomically: false, encoding: .utf8)
        try namespace.ipBatch([
            "link add veth0 type veth peer name eth0", "link set eth0 netns \(container.pid)",
            "link set veth0 up", "addr add 10.0.0.1/24 dev veth0",
        ])
        let started = ContinuousClock.now
        try Self.waitForLine(
            namespace, "vexport_veth_info{device=\"veth0\"", #"workload="0123456789ab",workload_kind="container""#)
        print("owner: a container's owner was known after \(ContinuousClock.now - started)")
        try Command.run(
            "nsenter", "-t", "\(container.pid)", "-n", "sh", "-c",
            "ip link set eth0 up; ip addr add 10.0.0.2/24 dev eth0; ping -c 3 -i 0.2 -s 1000 10.0.0.1 >/dev/null")
        func value(_ metric: String) throws -> Double {
            let line = try Self.page(namespace).split(separator: "\n").first {
                $0.hasPrefix(metric + "{device=\"veth0\",")
            }
            return line?.split(separator: " ").last.flatMap { Double($0) } ?? -1
        }
        try wait("counters") { try value("vexport_workload_transmit_bytes_total") > 3_000 }
        // IPv6 may have something to say between the two readings.
        try wait("the packets that the container sent") {
            let sent = try Command.run(
                "nsenter", "-t", "\(container.pid)", "-n", "ip", "-s", "-s", "-j", "link", "show", "dev", "eth0")
            return try value("vexport_workload_transmit_packets_total") == IPCounters(sent).transmit["packets"]
        }
        try commandsNameIt(namespace, id)
    }

    /// Dump, explain, path and events of a daemon.
    private func commandsNameIt(_ namespace: Namespace, _ id: String) throws {
        func vexport(_ words: String...) throws -> String {
            try Command.run(
                ["ip", "netns", "exec", namespace.name, "env", "COLUMNS=300", DaemonTests.binary] + words
                    + ["--socket", namespace.socket])
        }
        #expect(try vexport("explain", "veth0").contains("the container 0123456789ab [/proc/PID/cgroup]"))
        #expect(try vexport("dump").contains("container 0123456789ab"))
        var path = ""
        try wait("rates") {
            path = try vexport("path", id)
            return path.contains("bit/s")
        }
        #expect(path.hasPrefix("container 0123456789ab, docker, \(id)\n  LINK  KIND STATE     RX TX bit/s  REMARKS\n"))
        #expect(path.contains("\n  eth0  veth up") && path.contains("\nveth0 is no bridge's port"), "\(path)")
        try namespace.ip("link set veth0 down")
        try wait("the event") {
            try vexport("events", "--device", "veth0").contains("veth0: set down, of container 0123456789ab")
        }
    }

    @Test("only the helper may look at processes; killed, it is replaced, and nothing else is disturbed")
    func helper() throws {
        let namespace = try Namespace()
        try namespace.ip("tuntap add tap0 mode tap")
        let holder = try Background(["ip", "netns", "exec", namespace.name, "python3", Self.scene("taphold"), "tap0"])
        defer { holder.kill() }
        try holder.waitForLine("ready")
        let daemon = try DaemonTests.serve(namespace)
        defer { daemon.stop() }
        try Self.waitForLine(namespace, "vexport_tap_info{device=\"tap0\"", "workload=\"python3\"")
        let (ptrace, readSearch): (UInt64, UInt64) = (1 << 19, 1 << 2)
        func rights(_ pid: Int32) throws -> [UInt64] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").flatMap { thread in
                try String(contentsOfFile: "/proc/\(pid)/task/\(thread)/status", encoding: .utf8).split(separator: "\n")
                    .filter { $0.hasPrefix("Cap") }.map { UInt64($0.split(separator: "\t")[1], radix: 16)! }
            }
        }
        let helpers = try Self.helpers(of: daemon.pid)
        try #require(helpers.count == 2)
        for helper in helpers {
            let all = try rights(helper).reduce(0, |)
            #expect(all & ptrace != 0 && all & readSearch != 0)
            #expect(all & ~(ptrace | readSearch | 1 << 12) == 0, "only CAP_NET_ADMIN beside")
        }
        let kept = try rights(daemon.pid).reduce(0, |)
        #expect(kept & (ptrace | readSearch) == 0, "no thread of the daemon has what only the helper needs")
        kill(helpers[0], SIGKILL)
        try Self.waitForLine(namespace, "vexport_owners_helper_restarts_total 1")
        try wait("another second helper") { try Self.helpers(of: daemon.pid).filter { $0 != helpers[0] }.count == 2 }
        try Self.waitForLine(namespace, "vexport_tap_info{device=\"tap0\"", "workload=\"python3\"")
        #expect(daemon.isRunning)
        let left = try Command.run("ps", "--ppid", "\(daemon.pid)", "-o", "stat=").split(separator: "\n")
        #expect(!left.contains { $0.hasPrefix("Z") }, "the dead helper was buried")
        let last = try Self.helpers(of: daemon.pid)
        daemon.stop()
        try wait("the helpers' end") { last.allSatisfy { Self.namespace($0) == nil } }
    }

    /// Those in the daemon's namespace, which is the test's own. The one that works comes first.
    static func helpers(of daemon: Int32) throws -> [Int32] {
        try Command.run("ps", "-e", "-o", "pid=,stat=,args=").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 2)
            guard fields.count == 3, fields[2].drop(while: { $0 == " " }) == "vexport host-helper",
                !fields[1].hasPrefix("Z"),
                let pid = Int32(fields[0]), namespace(pid) == namespace(daemon)
            else { return nil }
            return pid
        }
    }

    private static func namespace(_ pid: Int32) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net")
    }
}
