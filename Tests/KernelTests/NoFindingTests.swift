import Foundation
import TestSupport
import Testing

@testable import VexportCore

/// Healthy hosts that naive detectors call broken: no finding of a warning's severity in any.
@Suite(.serialized) struct NoFindingTests {
    private func expectNone(_ host: Diagnosed) throws {
        try host.settle()
        let wrong = host.findings.filter { $0.severity > .info }
        #expect(wrong.isEmpty, "\(wrong.map { "\($0.device): \($0.reason)" })")
    }

    @Test("a lab of routers in named namespaces without processes")
    func lab() throws {
        let routers = [try Namespace(), try Namespace()]
        let host = try Diagnosed { namespace in
            for (number, router) in routers.enumerated() {
                try namespace.ip("link add r\(number) type veth peer name eth0 netns \(router.name)")
                try namespace.ip("addr add 192.0.2.\(number * 4 + 1)/30 dev r\(number)")
                try namespace.ip("link set r\(number) up")
                try router.ipBatch(["addr add 192.0.2.\(number * 4 + 2)/30 dev eth0", "link set eth0 up"])
            }
            try routers[0].ip("link add between type veth peer name between netns \(routers[1].name)")
            for router in routers { try router.ip("link set between up") }
        }
        try expectNone(host)
        #expect(host.findings.isEmpty, "not even an info: they have addresses")
    }

    @Test("veths without a master: Calico's with host routes, Cilium's with an XDP program, one below a macvlan")
    func withoutMaster() throws {
        let pods = [try Namespace(), try Namespace(), try Namespace()]
        let lives = try pods.map { try Background(["ip", "netns", "exec", $0.name, "sleep", "600"]) }
        defer { for life in lives { life.kill() } }
        let host = try Diagnosed { namespace in
            for (number, pod) in pods.enumerated() {
                try namespace.ip("link add cali\(number) type veth peer name eth0 netns \(pod.name)")
                try pod.ip("link set eth0 up")
                try namespace.ip("link set cali\(number) up")
            }
            try namespace.ip("route add 10.65.0.2/32 dev cali0")
            try namespace.ipBatch(["link add link cali2 name mv0 type macvlan mode bridge", "link set mv0 up"])
        }
        let program = try host.start("xdphold", "cali1")
        defer { program.kill() }
        try expectNone(host)
        #expect(host.findings.isEmpty)
    }

    @Test("two bridges with two cables, one of which spanning tree blocks")
    func spanningTree() throws {
        let host = try Diagnosed { namespace in
            for bridge in ["br0", "br1"] {
                try namespace.ip("link add \(bridge) type bridge stp_state 1 forward_delay 200")
                try namespace.ip("link set \(bridge) up")
            }
            for cable in ["x", "y"] {
                try namespace.ip("link add \(cable)0 type veth peer name \(cable)1")
                try namespace.ip("link set \(cable)0 master br0 up")
                try namespace.ip("link set \(cable)1 master br1 up")
            }
        }
        try wait("a blocked port", seconds: 30) {
            try host.namespace.ip("-d link").contains("state blocking")
        }
        try expectNone(host)
    }

    @Test("a guest that migrates from one tap of a bridge to another, with its MAC")
    func migration() throws {
        let host = try Diagnosed { namespace in
            try namespace.ipBatch([
                "link add br0 type bridge", "link set br0 up", "tuntap add dev vnet0 mode tap",
                "tuntap add dev vnet1 mode tap", "link set vnet0 master br0 up", "link set vnet1 master br0 up",
            ])
        }
        func entry(behind port: String) throws {
            try wait("the bridge to hear the guest behind \(port)") {
                try host.namespace.run("bridge", "fdb", "show", "brport", port).contains("52:54:00:00:00:77")
            }
        }
        let source = try host.start("guest", "vnet0", "52:54:00:00:00:77")
        try entry(behind: "vnet0")
        // The goal's program holds its tap before the source's lets go, as in a live migration.
        let goal = try host.start("taphold", "vnet1", "0")
        defer { goal.kill() }
        try host.settle()
        source.kill()
        try host.namespace.ip("link del vnet0")
        goal.kill()
        let moved = try host.start("guest", "vnet1", "52:54:00:00:00:77")
        defer { moved.kill() }
        try entry(behind: "vnet1")
        try expectNone(host)
    }

    @Test("healthy containers that come and go")
    func churn() throws {
        let host = try Diagnosed { try $0.ipBatch(["link add br0 type bridge", "link set br0 up"]) }
        var worst: Set<String> = []
        let rounds = isSoak ? 2000 : 50
        var running: [(Namespace, Background)] = []
        for number in 0..<rounds {
            let container = try Namespace()
            running.append((container, try Background(["ip", "netns", "exec", container.name, "sleep", "600"])))
            try host.namespace.ip("link add v\(number) type veth peer name eth0 netns \(container.name)")
            try host.namespace.ip("link set v\(number) master br0 up")
            try container.ipBatch(["addr add 10.0.\(number / 250).\(number % 250 + 1)/16 dev eth0", "link set eth0 up"])
            if running.count > 10 {
                let (_, life) = running.removeFirst()
                try host.namespace.ip("link del v\(number - 10)")
                life.kill()
            }
            worst.formUnion(host.findings.filter { $0.severity > .info }.map { "\($0.device): \($0.reason)" })
        }
        try expectNone(host)
        for (_, life) in running { life.kill() }
        #expect(worst.isEmpty, "\(worst)")
    }
}
