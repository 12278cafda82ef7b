import Foundation
import TestSupport
import Testing

@testable import VexportCore

/// A container of LXC's. `make soak` runs it and installs lxc.
@Suite(.enabled(if: isSoak)) struct LXCTests {
    /// A container in a directory: one program and its libraries.
    private struct Container {
        let name = "vxlxc-\(getpid())"
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vxlxc-\(getpid())").path

        /// - Returns: its first process' id.
        func start() throws -> String {
            try ContainerFiles.make("\(directory)/files")
            // Its monitor lives on, and would keep every descriptor that this process has open.
            try Command.run(
                "bash", "-c",
                """
                for open in /proc/$$/fd/*; do
                  [ "${open##*/}" -le 2 ] || eval "exec ${open##*/}>&-"
                done
                printf '%s\\n' 'lxc.rootfs.path = dir:\(directory)/files' 'lxc.net.0.type = empty' > \(directory)/config
                lxc-start --lxcpath \(directory) --name \(name) --rcfile \(directory)/config \
                  --logfile \(directory)/log --logpriority INFO -- /bin/sleep 600 < /dev/null > \(directory)/said 2>&1 \
                  || { cat \(directory)/said \(directory)/log >&2; exit 1; }
                """)
            return try Command.run("lxc-info", "--lxcpath", directory, "--name", name, "--pid", "--no-humanize")
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }

        func end() {
            _ = try? Command.run("lxc-stop", "--lxcpath", directory, "--name", name, "--kill")
            try? FileManager.default.removeItem(atPath: directory)
        }
    }

    @Test("a container that LXC runs owns the veth that leads to it, under its name")
    func lxc() throws {
        let container = Container()
        let namespace = try Namespace()
        defer { container.end() }
        let pid = try container.start()
        try namespace.ipBatch(["link add veth0 type veth peer name eth0", "link set eth0 netns \(pid)"])
        let json = try namespace.run(
            DaemonTests.binary, "path", container.name, "--socket", "", "--format", "json")
        let path = try #require(JSONDecoder().decode([PathRecord].self, from: Data(json.utf8)).first)
        #expect(path.workload?.kind == "container" && path.workload?.runtime == "lxc")
        #expect(path.workload?.name.description == container.name)
        #expect(path.hops.map(\.link.name) == ["eth0", "veth0"])
    }
}
