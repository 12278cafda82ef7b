import Foundation
import TestSupport
import Testing
import VexportCore

@testable import HostCollector

@Suite struct LibvirtTests {
    static func fixture(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: Repository.root.appendingPathComponent("Tests/Fixtures/libvirt/\(name).xml")))
    }

    @Test("a running domain's file tells its name, UUID, process, and what Nova calls it")
    func nova() throws {
        let domain = try LibvirtDomain(xml: Self.fixture("nova"))
        #expect(domain.name == Array("instance-0000002a".utf8))
        #expect(domain.uuid == Array("629b29b9-b0fb-4766-b27d-f4a686d5cbda".utf8))
        #expect(domain.pid == 4711)
        #expect(domain.instance == Array(#"web & "shop" 侯"#.utf8))
        #expect(domain.project == Array("tenant-a".utf8))
        #expect(domain.flavor == Array("m1.small".utf8))
        let line = try #require(QEMUCommandLine(cmdline: Array("kvm\0-name\0guest=x\0".utf8)))
        let workload = VirtualMachines.workload(line, [], domain: domain)
        #expect(workload.name == "instance-0000002a")
        #expect(workload.runtime == .libvirt)
        #expect(workload.project == "tenant-a")
    }

    @Test("a defined domain's file has the domain alone, and no process")
    func defined() throws {
        let domain = try LibvirtDomain(xml: Array("<domain type='qemu'><name>a</name><uuid>u</uuid></domain>".utf8))
        #expect(domain.name == Array("a".utf8))
        #expect(domain.pid == nil)
        #expect(domain.instance == nil)
    }

    @Test("names elsewhere in the file, or in another namespace, are not the domain's")
    func elsewhere() throws {
        let xml = """
            <domain><metadata><x:instance xmlns:x="urn:x"><x:name>no</x:name></x:instance></metadata>
            <devices><name>no</name></devices></domain>
            """
        #expect(try LibvirtDomain(xml: Array(xml.utf8)) == LibvirtDomain(xml: Array("<domain/>".utf8)))
        #expect(try LibvirtDomain(xml: Array("<other><name>no</name></other>".utf8)).name == nil)
    }

    static let bomb = """
        <!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><domain><name>&b;</name></domain>
        """

    @Test(
        "what is no XML, or has entities, depth or size beyond the limits, is refused",
        arguments: [
            ("", "no element"), ("<domain>", "no element"), ("<a></b>", "mismatched"),
            ("\u{ff}\u{0}", "not well-formed"),
            (bomb, "document type"), (String(repeating: "<a>", count: 100_000), "deep"),
            ("<domain>" + String(repeating: " ", count: XMLReader.largest) + "</domain>", "bytes"),
        ])
    func refused(_ xml: String, _ reason: String) {
        do {
            _ = try LibvirtDomain(xml: Array(xml.utf8))
            Issue.record("taken")
        } catch {
            #expect(error.description.contains(reason), "\(error)")
        }
    }

    @Test("a tenant's text of any length is cut")
    func long() throws {
        let name = String(repeating: "n", count: 500_000)
        let xml = "<domain><name>\(name)</name></domain>"
        #expect(
            try LibvirtDomain(xml: Array(xml.utf8)).name.map { Workload.text($0).description.count }
                == Workload.textLimit)
    }
}
