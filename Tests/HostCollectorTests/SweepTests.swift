import Foundation
import TestSupport
import Testing
import VexportCore

@testable import HostCollector

/// Sweeps over real processes.
@Suite(.serialized) struct SweepTests {
    /// Starts a program in a namespace of its own, so that it is somebody's inhabitant.
    private static func start(_ words: String...) throws -> Background {
        let started = try Background(["unshare", "-n"] + words)
        try started.waitForLine("ready")
        return started
    }

    private static func names(_ owners: Owners) -> [String] {
        owners.namespaces.values.map { "\($0.workload.name)" }
    }

    @Test("processes that end and begin while a sweep goes on do it no harm, and the dead own nothing")
    func churn() throws {
        let sleeper = try Self.start("bash", "-c", "echo ready; exec -a here sleep 600")
        let storm = try Background(["bash", "-c", "while :; do unshare -n true & unshare -n true; wait; done"])
        defer {
            storm.kill()
            sleeper.kill()
        }
        var sweep = Sweep()
        let began = ContinuousClock.now
        var (rounds, looked) = (0, 0)
        repeat {
            let owners = sweep.run(rounds % 5 == 0 ? .full : .quick, at: .now)
            looked += sweep.statistics.looked
            rounds += 1
            #expect(owners.namespaces.values.contains { $0.thread == sleeper.pid })
        } while ContinuousClock.now - began < .seconds(1)
        #expect(looked > rounds, "nothing was new in \(rounds) sweeps")
        sleeper.kill()
        try wait("the end of the sleeper's namespace") {
            !sweep.run(.quick, at: .now).namespaces.values.contains { $0.thread == sleeper.pid }
        }
    }

    @Test("a quick sweep looks at what is new or young, and takes the rest as it was")
    func incremental() throws {
        let sleeper = try Self.start("bash", "-c", "echo ready; exec sleep 600")
        defer { sleeper.kill() }
        var sweep = Sweep()
        let now = ContinuousClock.now
        let first = sweep.run(.full, at: now)
        #expect(first.namespaces.values.contains { $0.thread == sleeper.pid })
        _ = sweep.run(.quick, at: now + Sweep.youth + .seconds(1))
        let (all, looked) = (sweep.statistics.processes, sweep.statistics.looked)
        // Those that hold taps are looked at each time, and there may be some in the machine.
        #expect(looked < all / 2, "looked at \(looked) of \(all)")
        let late = try Self.start("bash", "-c", "echo ready; exec sleep 600")
        defer { late.kill() }
        let second = sweep.run(.quick, at: now + Sweep.youth + .seconds(2))
        #expect(second.namespaces.values.contains { $0.thread == late.pid })
        #expect(second.namespaces.values.contains { $0.thread == sleeper.pid })
    }

    @Test("a number that another process has now tells nothing of the one that had it, even in a quick sweep")
    func reuse() throws {
        var sweep = Sweep()
        // Which number comes next can be said; somebody else may take it first.
        for _ in 0..<50 {
            let first = try Self.start("bash", "-c", "echo ready; exec sleep 600")
            let pid = first.pid
            let now = ContinuousClock.now
            #expect(sweep.run(.full, at: now).namespaces.values.contains { $0.thread == pid })
            first.kill()
            try wait("the end of \(pid)") { kill(pid, 0) != 0 }
            try "\(pid - 1)".write(toFile: "/proc/sys/kernel/ns_last_pid", atomically: false, encoding: .utf8)
            let second = try Background(["bash", "-c", "echo ready; exec sleep 600"])
            defer { second.kill() }
            try second.waitForLine("ready")
            guard second.pid == pid else { continue }
            // Long after: neither is young, so only the process itself can tell.
            let owners = sweep.run(.quick, at: now + Sweep.youth + .seconds(60))
            #expect(!owners.namespaces.values.contains { $0.thread == pid })
            return
        }
        Issue.record("no process got the number of one before it in 50 tries")
    }

    @Test("a machine's name of any bytes and length becomes a label that is safe and short")
    func hostileName() throws {
        let machine = try Self.start(
            "bash", "-c",
            "echo ready; exec -a qemu-system-x86_64 bash -c 'kill -STOP $$' -name "
                + #"guest=$'\xff\n"\\x1b[31m'"# + String(repeating: "A", count: 4096))
        defer { machine.kill() }
        var sweep = Sweep()
        var name = ""
        try wait("the machine") {
            let owner = sweep.run(.full, at: .now).namespaces.values.first { $0.thread == machine.pid }
            name = owner?.workload.name.description ?? ""
            return owner?.workload.kind == .vm
        }
        #expect(name.hasPrefix(#"\xff\x0a""#) && name.hasSuffix("AAAA"))
        #expect(name.utf8.count <= 4 * Workload.textLimit && name.utf8.allSatisfy { (0x20..<0x7f).contains($0) })
    }
}
