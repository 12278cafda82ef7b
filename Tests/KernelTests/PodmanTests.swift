import Foundation
import TestSupport
import Testing

@testable import VexportCore

/// A container of podman's. `make soak` runs it and installs podman and runc.
@Suite(.enabled(if: isSoak)) struct PodmanTests {
    /// A podman that keeps all that it has in a directory.
    private struct Engine {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vxpodman-\(getpid())").path

        /// Its monitor lives on, and would keep every descriptor that this process has open. Containers may open fewer files
        /// than the default, so that no right to raise the limits is needed.
        func run(_ words: String) throws -> String {
            let options = "--root \(directory)/store --runroot \(directory)/run --storage-driver vfs --runtime runc"
            try Command.run(
                "bash", "-c",
                """
                mkdir -p \(directory)
                for open in /proc/$$/fd/*; do
                  [ "${open##*/}" -le 2 ] || eval "exec ${open##*/}>&-"
                done
                podman \(options) --cgroup-manager cgroupfs \(words) < /dev/null > \(directory)/said 2>&1
                """)
            let said = try String(contentsOfFile: "\(directory)/said", encoding: .utf8)
            // Warnings come before.
            return String(said.split(separator: "\n").last ?? "")
        }
    }

    @Test("a container that podman runs owns the veth that leads to it, under its id")
    func podman() throws {
        let engine = Engine()
        let namespace = try Namespace()
        defer {
            _ = try? engine.run("rm --force --time 0 --all")
            try? FileManager.default.removeItem(atPath: engine.directory)
        }
        let files = "\(engine.directory)/files"
        try ContainerFiles.make(files)
        let id = try engine.run(
            "run --detach --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --rootfs \(files) "
                + "/bin/sleep 600")
        let pid = try engine.run("inspect --format '{{.State.Pid}}' \(id)")
        try namespace.ipBatch(["link add veth0 type veth peer name eth0", "link set eth0 netns \(pid)"])
        let json = try namespace.run(DaemonTests.binary, "path", id, "--socket", "", "--format", "json")
        let path = try #require(JSONDecoder().decode([PathRecord].self, from: Data(json.utf8)).first)
        #expect(path.workload?.kind == "container" && path.workload?.runtime == "podman")
        #expect(path.workload?.id?.description == id && id.hasPrefix(path.workload?.name.description ?? "nobody"))
        #expect(path.hops.map(\.link.name) == ["eth0", "veth0"])
    }
}

/// What a container takes: one program and its libraries.
enum ContainerFiles {
    static func make(_ root: String) throws {
        try Command.run(
            "bash", "-c",
            """
            mkdir -p \(root)/{bin,proc,sys,dev,etc,tmp,run} && cp /bin/sleep \(root)/bin
            for library in $(ldd /bin/sleep | grep -o '/[^ ]*'); do
              install -D $library \(root)$library
            done
            """)
    }
}
