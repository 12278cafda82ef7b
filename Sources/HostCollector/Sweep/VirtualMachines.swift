import VexportCore

/// A QEMU process as a workload, with what libvirt's files add.
enum VirtualMachines {
    /// Of running domains first, then of those defined.
    private static let directories = ["/run/libvirt/qemu", "/etc/libvirt/qemu"]

    /// - Parameter program: the process' name, for a machine that was given none.
    static func workload(_ line: QEMUCommandLine, _ program: [UInt8]) -> Workload {
        workload(line, program, domain: domain(line))
    }

    static func workload(_ line: QEMUCommandLine, _ program: [UInt8], domain: LibvirtDomain?) -> Workload {
        var workload = Workload(
            .vm, name: domain?.name ?? line.name ?? line.uuid ?? program, runtime: domain == nil ? .qemu : .libvirt)
        workload.id = line.uuid.map(Workload.text)
        workload.instance = domain?.instance.map(Workload.text)
        workload.project = domain?.project.map(Workload.text)
        workload.flavor = domain?.flavor.map(Workload.text)
        return workload
    }

    /// libvirt's file on a machine, which must have the UUID that QEMU was started with: a command line may claim any name.
    private static func domain(_ line: QEMUCommandLine) -> LibvirtDomain? {
        guard let uuid = line.uuid, let name = line.name, !name.contains(UInt8(ascii: "/")),
            let file = String(validating: name, as: UTF8.self)
        else { return nil }
        for directory in directories {
            guard let xml = ProcFS.read(file: "\(directory)/\(file).xml", limit: XMLReader.largest + 1),
                let domain = try? LibvirtDomain(xml: xml), domain.uuid == uuid
            else { continue }
            return domain
        }
        return nil
    }
}
