import Testing
import VexportCore

@testable import HostCollector

@Suite struct ProcessFileTests {
    @Test(
        "fdinfo of a tun descriptor names its device",
        arguments: [
            ("pos:\t0\nflags:\t02\nmnt_id:\t28\nino:\t93\niff:\tvnet0\n", "vnet0"),
            ("iff:\ta\"b\\\n", "a\"b\\"), ("iff:\t\n", nil), ("iff:\n", nil), ("pos:\t0\n", nil), ("", nil),
            ("iff:\tsixteen-bytes-xx\n", nil), ("x iff:\tvnet0\n", nil),
        ] as [(String, String?)])
    func fdinfo(_ text: String, _ device: String?) {
        #expect(TunDescriptor.device(in: Array(text.utf8)) == device.map { Array($0.utf8) })
    }

    static let tail = " 1 1 1 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 3 0 98765 1000 10 18446744073709551615"

    @Test("stat tells name, life, threads and start, whatever the program calls itself")
    func stat() throws {
        for name in ["sleep", "a) Z 1 1 (b", "", "))((", "\u{1b}"] {
            let status = try #require(ProcessStatus(stat: Array("42 (\(name)) S\(Self.tail)".utf8)))
            #expect(status.name == Array(name.utf8))
            #expect((status.isAlive, status.threads, status.start) == (true, 3, 98765))
        }
        #expect(ProcessStatus(stat: Array("42 (x) Z\(Self.tail)".utf8))?.isAlive == false)
        #expect(ProcessStatus(stat: Array("42 (x) X\(Self.tail)".utf8))?.isAlive == false)
    }

    @Test(
        "what is no stat line is refused",
        arguments: ["", "42", "42 (x", "42 )x(", "42 (x) S 1 2 3", "42 (x) S 1 1 1 0 -1 4 1 0 0 0 1 2 0 0 20 0 y 0 z"])
    func brokenStat(_ text: String) {
        #expect(ProcessStatus(stat: Array(text.utf8)) == nil)
    }

    @Test(
        "QEMU's command line tells name and UUID",
        arguments: [
            ("/usr/bin/qemu-system-x86_64 -name guest=instance-2a,debug-threads=on -S -uuid U", "instance-2a", true),
            ("qemu-kvm --name web --uuid U", "web", true), ("qemu-system-arm -name process=p,guest=a,,b", "a,b", false),
            ("/usr/libexec/qemu-kvm -name a,,b,debug-threads=on", "a,b", false), ("kvm -m 32 -name", nil, false),
            ("qemu-system-x86_64 -name debug-threads=on -uuid X", nil, false), ("qemu -name guest=", nil, false),
        ] as [(String, String?, Bool)])
    func qemu(_ words: String, _ name: String?, _ hasUUID: Bool) throws {
        let line = words.replacing(" U", with: " 629B29b9-b0fb-4766-b27d-f4a686d5cbda").replacing(" ", with: "\0")
        let parsed = try #require(QEMUCommandLine(cmdline: Array((line + "\0").utf8)))
        #expect(parsed.name == name.map { Array($0.utf8) })
        #expect(parsed.uuid == (hasUUID ? Array("629b29b9-b0fb-4766-b27d-f4a686d5cbda".utf8) : nil))
    }

    @Test(
        "other programs are no virtual machines",
        arguments: ["", "\0", "/usr/bin/vi\0qemu-system-x86_64\0-name\0x\0", "qemu-img\0-name\0x\0", "/", "\u{ff}"])
    func notQEMU(_ line: String) {
        #expect(QEMUCommandLine(cmdline: Array(line.utf8)) == nil)
    }

    @Test("a name with any bytes is kept as it is, and cut where a workload takes it")
    func hostileName() throws {
        let name: [UInt8] = [0xff, UInt8(ascii: "\n"), UInt8(ascii: "\"")] + [UInt8](repeating: 65, count: 4096)
        let line = Array("qemu-system-x86_64\0-name\0guest=".utf8) + name + [0]
        let workload = VirtualMachines.workload(try #require(QEMUCommandLine(cmdline: line)), [], domain: nil)
        #expect(workload.name.description == #"\xff\x0a""# + String(repeating: "A", count: Workload.textLimit - 3))
        #expect(workload.runtime == .qemu)
    }
}
