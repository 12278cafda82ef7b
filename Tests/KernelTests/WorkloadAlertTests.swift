import Foundation
import TestSupport
import Testing

/// What becomes of the alerts of a guest's taps when the guest dies.
struct WorkloadAlertTests {
    /// Holds two taps as a virtual machine does: its command line names none of them.
    private func guest(_ site: AlertSite) throws -> Background {
        let handover = Repository.root.appendingPathComponent("Tests/Scenes/taphandover.py").path
        let guest = try Background([
            "ip", "netns", "exec", site.namespace.name, "python3", handover, "vnet0", "python3", handover, "vnet1",
            "bash", "-c",
            "exec -a qemu-system-x86_64 python3 -c 'import signal; print(\"begun\", flush=True); signal.pause()' -name "
                + "guest=web-1,debug-threads=on -uuid 7c0a3d5e-2f41-4a52-9d0b-0d7b6d9a1c11 -netdev tap,fd={}",
        ])
        try guest.waitForLine("begun")
        return guest
    }

    @Test("a guest that dies is told of, its persistent taps are held back and counted, and it ends when it is back")
    func dies() throws {
        let site = try AlertSite()
        let server = try site.server()
        defer { server.stop() }
        try site.configure(
            """
            rules:
              - {alert: NoCarrier, event: carrier_down}
              - {alert: GuestStopped, event: workload_stopped, links: {kind: vm}, inhibits: true}
            route: {receiver: ops, group_by: [alertname], group_wait: 4s, group_interval: 1s}
            receivers: [{name: ops, webhook: [{url: "\(server.url)"}]}]
            """)
        let namespace = site.namespace
        try site.addPairs(1)
        try namespace.ipBatch(
            ["vnet0", "vnet1"].flatMap { ["tuntap add dev \($0) mode tap", "link set \($0) up"] })
        let first = try guest(site)
        defer { first.kill() }
        let daemon = try site.serve()
        func page() throws -> String { try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics") }
        try wait("the owner of both taps") {
            let page = try page()
            return ["vnet0", "vnet1"].allSatisfy { tap in
                page.contains("vexport_workload_info{device=\"\(tap)\",workload=\"web-1\",workload_kind=\"vm\"")
            }
        }
        // A scrape sees links a little before the next scheduled tick shows them to the rules.
        func samples() throws -> Substring? {
            try page().split(separator: "\n").first { $0.hasPrefix("vexport_history_samples{tier=\"1s\"} ") }
        }
        let before = try #require(try samples())
        try wait("a scheduled tick") { try samples() != before }
        first.kill()
        try namespace.ip("link set q0 down")
        func alerts(_ name: String, _ status: String) -> [[String: Any]] {
            server.requests.flatMap { $0.object["alerts"] as? [[String: Any]] ?? [] }.filter {
                ($0["labels"] as? [String: String])?["alertname"] == name && $0["status"] as? String == status
            }
        }
        try wait("the guest") { !alerts("GuestStopped", "firing").isEmpty }
        try wait("the veth") { !alerts("NoCarrier", "firing").isEmpty }
        let told = try #require(alerts("GuestStopped", "firing").first)
        #expect(
            (told["labels"] as? [String: String])?["owner"] == "vm web-1 7c0a3d5e-2f41-4a52-9d0b-0d7b6d9a1c11")
        #expect((told["annotations"] as? [String: String])?["held_back"] == "2: vnet0, vnet1")
        let devices = Set(alerts("NoCarrier", "firing").compactMap { ($0["labels"] as? [String: String])?["device"] })
        #expect(devices.contains("p0") && devices.isDisjoint(with: ["vnet0", "vnet1"]), "\(devices)")
        let shown = try site.vexport("alerts").split(separator: "\n").filter { $0.contains("held-back") }
        #expect(shown.count == 2 && shown.allSatisfy { $0.contains("vnet") }, "\(shown)")

        let second = try guest(site)
        defer { second.kill() }
        try wait("the end") { !alerts("GuestStopped", "resolved").isEmpty }
        #expect(daemon.stop() == 0)
    }
}
