import Testing
import VexportCore

@testable import HostCollector

@Suite struct CgroupTests {
    static let id = "9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d"
    static let uid = "2c48913c-b29f-11e7-9350-020968147796"
    static let escapedUID = "2c48913c_b29f_11e7_9350_020968147796"

    struct Case: CustomTestStringConvertible {
        let path: String
        let workload: Workload?
        /// Where paths of this shape are documented or made.
        let source: String
        var testDescription: String { "\(source): \(path)" }

        init(_ path: String, _ workload: Workload?, _ source: String) {
            self.path = path
            self.workload = workload
            self.source = source
        }
    }

    static func container(_ runtime: Workload.Runtime?) -> Workload {
        var workload = Workload(.container, name: "9ec39b91f3d7".utf8, runtime: runtime)
        workload.id = EscapedText(id.utf8)
        return workload
    }

    static func named(_ kind: Workload.Kind, _ name: String, _ runtime: Workload.Runtime) -> Workload {
        Workload(kind, name: name.utf8, runtime: runtime)
    }

    static let pod = named(.pod, uid, .kubernetes)

    static let cases: [Case] = [
        Case("/docker/\(id)", container(.docker), "moby, driver cgroupfs"),
        Case("/system.slice/docker-\(id).scope", container(.docker), "moby, driver systemd"),
        Case(
            "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-\(id).scope", container(.docker),
            "rootless"),
        Case("/docker/\(id)/docker/\(String(id.reversed()))", container(.docker), "docker in docker: the outer one"),
        Case("/system.slice/nerdctl-\(id).scope", container(.containerd), "nerdctl, driver systemd"),
        Case("/default/\(id)", container(.containerd), "containerd: namespace and id, driver cgroupfs"),
        Case("/\(id)", container(nil), "a parent group of the user's choice"),
        Case("/machine.slice/libpod-\(id).scope/container", container(.podman), "podman, version 2"),
        Case("/machine.slice/libpod-\(id).scope", container(.podman), "podman, version 1"),
        Case("/libpod_parent/libpod-\(id)", container(.podman), "podman, driver cgroupfs"),
        Case("/user.slice/user-0.slice/libpod-payload-\(id)", container(.podman), "podman with split groups"),
        Case(
            "/machine.slice/libpod-conmon-\(id).scope", named(.service, "libpod-conmon-\(id).scope", .systemd), "conmon"
        ),
        Case("/kubepods/burstable/pod\(uid)/\(id)", pod, "kubelet, driver cgroupfs"),
        Case("/kubepods/pod\(uid)/\(id)", pod, "kubelet, driver cgroupfs, guaranteed"),
        Case("/kubepods/besteffort/pod\(uid)/crio-\(id)", pod, "CRI-O, driver cgroupfs"),
        Case("/../../pod\(uid)/\(id)", pod, "kubelet, driver cgroupfs, seen from another pod's cgroup namespace"),
        Case(
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(escapedUID).slice/cri-containerd-\(id).scope",
            pod, "kubelet, driver systemd, containerd"),
        Case(
            "/kubepods.slice/kubepods-pod\(escapedUID).slice/crio-\(id).scope/container", pod, "CRI-O, driver systemd"),
        Case("/kubepods.slice/kubepods-pod\(escapedUID).slice/docker-\(id).scope", pod, "cri-dockerd"),
        Case(
            "/system.slice/containerd.service/kubepods-besteffort-pod\(escapedUID).slice:cri-containerd:\(id)", pod,
            "containerd whose driver differs from the kubelet's"),
        Case(
            "/kubepods/burstable/pod\(id.prefix(32))/\(id)", named(.pod, String(id.prefix(32)), .kubernetes),
            "a static pod: a hash for a UID"),
        Case("/kubepods/burstable/podinvalid/x", nil, "no UID"),
        Case("/lxc.payload.c1", named(.container, "c1", .lxc), "LXC since 4.0"),
        Case("/lxc.payload.prod_web/init.scope", named(.container, "prod_web", .lxc), "Incus: project and name"),
        Case("/lxc/c1/ns", named(.container, "c1", .lxc), "LXC before 4.0"),
        Case("/lxc.monitor.c1", nil, "LXC's monitor, which is the host's"),
        Case(
            "/machine.slice/systemd-nspawn@debian\\x2d12.service/payload", named(.container, "debian-12", .nspawn),
            "systemd-nspawn(1), unit"),
        Case(
            "/machine.slice/machine-web.scope/payload", named(.container, "web", .nspawn), "systemd-nspawn(1), by hand"),
        Case(
            "/machine.slice/machine-qemu\\x2d7\\x2dinstance\\x2d0000002a.scope/libvirt/emulator",
            named(.vm, "instance-0000002a", .libvirt), "libvirt, virDomainGenerateMachineName"),
        Case(
            "/machine.slice/machine-lxc\\x2d3\\x2dbox.scope", named(.container, "box", .libvirt), "libvirt's LXC driver"
        ),
        Case("/system.slice/dnsmasq.service", named(.service, "dnsmasq.service", .systemd), "systemd"),
        Case(
            "/system.slice/system-openvpn.slice/openvpn@a\\x2db.service",
            named(.service, "openvpn@a-b.service", .systemd), "systemd, a template"),
        Case(
            "/user.slice/user-1000.slice/user@1000.service/app.slice/vpn.service",
            named(.service, "vpn.service", .systemd), "a user's unit"),
        Case("/user.slice/user-0.slice/session-4.scope", nil, "a login, which may hold anything"),
        Case("/init.scope", nil, "systemd itself"),
        Case("/", nil, "no group"),
        Case(
            "/system.slice/docker-\(id.dropLast()).scope",
            named(.service, "docker-\(id.dropLast()).scope", .systemd), "63 digits are no id"),
        Case("/machine-web.scope", named(.service, "machine-web.scope", .systemd), "not in machine.slice"),
        Case("/../../system.slice/docker-\(id).scope", container(.docker), "seen from inside another group"),
    ]

    @Test("a control group's path names its workload", arguments: cases)
    func paths(_ row: Case) {
        #expect(CgroupPath.workload(Array(row.path.utf8)) == row.workload)
    }

    @Test("version 2 goes before systemd's hierarchy, and a container before a service")
    func hierarchies() {
        let mixed = """
            12:pids:/system.slice/a.service
            1:name=systemd:/system.slice/b.service
            0::/system.slice/c.service
            """
        #expect(CgroupFile.workload(in: Array(mixed.utf8))?.name == "c.service")
        let hybrid = "1:name=systemd:/docker/\(Self.id)\n0::/system.slice/docker.service\n"
        #expect(CgroupFile.workload(in: Array(hybrid.utf8)) == Self.container(.docker))
        let only = "4:memory:/docker/\(Self.id)\n1:name=systemd:/\n0::/\n"
        #expect(CgroupFile.workload(in: Array(only.utf8)) == Self.container(.docker))
    }

    @Test("no file, however odd, is more than a short escaped text")
    func hostile() {
        let long = "0::/lxc.payload." + String(repeating: "a\u{1b}", count: 1000)
        let workload = CgroupFile.workload(in: Array(long.utf8))
        #expect(workload?.name.description == String(repeating: #"a\x1b"#, count: Workload.textLimit / 2))
        let odd: [[UInt8]] = [
            [], [0xff], Array("0::".utf8), Array("0::relative".utf8), Array("::::".utf8), Array("\n\n\n".utf8),
            Array(("0::/" + String(repeating: "x/", count: 5_000) + "docker-\(Self.id).scope").utf8),
            Array("0::/machine.slice/machine-.scope/systemd-nspawn@.service/lxc.payload./pod/.scope".utf8),
        ]
        for file in odd { #expect(CgroupFile.workload(in: file)?.kind != .container, "\(file.prefix(40))") }
        let bytes = Array("0::/lxc.payload.".utf8) + [0xff, UInt8(ascii: "\""), UInt8(ascii: "\\")]
        #expect(CgroupFile.workload(in: bytes)?.name.description == #"\xff"\\"#)
        #expect(UnitName.unescaped(Array(#"a\x2\xzz\x"#.utf8)) == Array(#"a\x2\xzz\x"#.utf8))
    }
}
