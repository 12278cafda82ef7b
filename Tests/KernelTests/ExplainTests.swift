import Foundation
import TestSupport
import Testing

@testable import VexportCore

/// `vexport explain`, as its users run it, on real links.
@Suite(.serialized) struct ExplainTests {
    /// A veth whose peer is down, and a bridge that is well.
    private func scene() throws -> Namespace {
        let namespace = try Namespace()
        try namespace.ipBatch([
            "link add br0 type bridge", "link set br0 up", "link add near type veth peer name far",
            "link set near master br0 up",
        ])
        return namespace
    }

    private func explain(_ namespace: Namespace, _ arguments: String) throws -> String {
        try namespace.run("bash", "-c", "\(DaemonTests.binary) explain \(arguments) 2>&1; echo status $?")
    }

    @Test("without a daemon the kernel is read, and nobody can tell since when")
    func kernel() throws {
        let namespace = try scene()
        let text = try explain(namespace, "near --socket ''")
        #expect(text.contains("it is a veth [IFLA_INFO_KIND]"))
        #expect(text.contains("WRONG: its peer far is down, so nothing gets through"))
        #expect(text.contains("veth_peer_down, since when is unknown"))
        #expect(text.contains("a person could run: ip link set dev far up"))
        #expect(text.hasSuffix("status 1\n"))
        let far = try explain(namespace, "far --socket ''")
        #expect(far.contains("WRONG with near: its peer far is down") && far.hasSuffix("status 1\n"))
        #expect(try explain(namespace, "br0 --socket ''").hasSuffix("as far as vexport can tell\nstatus 0\n"))
        #expect(try explain(namespace, "nosuch --socket ''").hasSuffix("status 3\n"))
    }

    @Test("its JSON can be read again")
    func json() throws {
        let text = try explain(try scene(), "near --socket '' --format json")
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("{") })
        let explanation = try JSONDecoder().decode(Explanation.self, from: Data(line.utf8))
        #expect(explanation.findings.map(\.kind) == [.vethPeerDown])
        #expect(explanation.findings[0].since == nil)
    }

    @Test("a daemon tells since when, in the metrics, the API and the dump too")
    func daemon() throws {
        let namespace = try scene()
        let daemon = try DaemonTests.serve(namespace)
        defer { daemon.stop() }
        let socket = namespace.socket
        try wait("the finding", seconds: 60) {
            try namespace.run("curl", "-s", "--unix-socket", socket, "http://localhost/api/v1/findings")
                .contains("veth_peer_down")
        }
        let text = try explain(namespace, "near --socket \(socket)")
        #expect(text.contains("veth_peer_down, since 20") && text.hasSuffix("status 1\n"))
        let page = try namespace.run("curl", "-s", "--unix-socket", socket, "http://localhost/metrics")
        #expect(page.contains(#"vexport_finding{class="veth_peer_down",device="near",severity="warning"} 1"#))
        #expect(page.contains(#"vexport_findings{class="veth_peer_down"} 1"#))
        let table = try namespace.run(DaemonTests.binary, "dump", "--socket", socket)
        #expect(table.contains("! near: its peer far is down, so nothing gets through (veth_peer_down)"))
    }
}
