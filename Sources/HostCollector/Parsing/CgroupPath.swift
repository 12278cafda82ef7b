import VexportCore

/// The path of a control group, and who made it.
enum CgroupPath {
    /// The outermost part that a container engine, Kubernetes or systemd-nspawn made decides: what is below belongs to the
    /// workload, which may make groups of any name. Without one, the outermost unit that says what runs in it.
    static func workload(_ path: [UInt8]) -> Workload? {
        var outer: [ArraySlice<UInt8>] = []
        var unit: ArraySlice<UInt8>?
        for part in path.split(separator: UInt8(ascii: "/")).flatMap(subparts) {
            if let workload = pod(part, outer) ?? container(part, outer) ?? machine(part, outer) { return workload }
            if unit == nil, UnitName.isTelling(part) { unit = part }
            outer.append(part)
        }
        return unit.map { Workload(.service, name: UnitName.unescaped($0), runtime: .systemd) }
    }

    /// containerd names groups `kubepods-…slice:cri-containerd:ID` where it and the kubelet disagree on the driver.
    private static func subparts(_ part: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        part.starts(with: "kubepods") ? part.split(separator: UInt8(ascii: ":")) : [part]
    }

    // MARK: - Kubernetes

    /// `pod<UID>` below `kubepods` (driver cgroupfs), or `kubepods[-qos]-pod<UID>.slice` (driver systemd).
    private static func pod(_ part: ArraySlice<UInt8>, _ outer: [ArraySlice<UInt8>]) -> Workload? {
        let uid: ArraySlice<UInt8>
        if let rest = part.dropping(suffix: ".slice"), rest.starts(with: "kubepods") {
            let prefixes = ["kubepods-pod", "kubepods-burstable-pod", "kubepods-besteffort-pod"]
            guard let end = prefixes.lazy.compactMap({ rest.dropping(prefix: $0) }).first else { return nil }
            uid = end
        } else if let rest = part.dropping(prefix: "pod"),
            // Seen from inside another pod, what both have in common is `..`.
            outer.contains(where: { $0.equals("kubepods") || $0.equals("..") })
        {
            uid = rest
        } else {
            return nil
        }
        // systemd takes dashes for steps in a path, so the kubelet writes underscores.
        let text = uid.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
        guard isUID(text) else { return nil }
        return Workload(.pod, name: text, runtime: .kubernetes)
    }

    /// A UUID, or the 32 digits that static pods have.
    private static func isUID(_ text: [UInt8]) -> Bool {
        let dashes = text.indices.filter { text[$0] == UInt8(ascii: "-") }
        let digits = text.filter { $0 != UInt8(ascii: "-") }
        return digits.count == 32 && digits.allSatisfy { $0.hexDigit != nil }
            && (dashes.isEmpty || dashes == [8, 13, 18, 23])
    }

    // MARK: - Container engines

    /// What engines put before a container's id. Groups of their helpers (`libpod-conmon-`, `crio-conmon-`) are the host's,
    /// and no ids.
    private static let prefixes: [(String, Workload.Runtime)] = [
        ("docker-", .docker), ("cri-containerd-", .containerd), ("nerdctl-", .containerd), ("crio-", .crio),
        ("libpod-payload-", .podman), ("libpod-", .podman),
    ]

    private static func container(_ part: ArraySlice<UInt8>, _ outer: [ArraySlice<UInt8>]) -> Workload? {
        let name = part.dropping(suffix: ".scope") ?? part
        for (prefix, runtime) in prefixes {
            if let id = name.dropping(prefix: prefix), isContainerID(id) { return container(id, runtime) }
        }
        guard isContainerID(part) else { return lxc(part, outer) }
        let parent = outer.last ?? []
        if parent.equals("docker") { return container(part, .docker) }
        // containerd's namespaces.
        let isContainerd = parent.equals("default") || parent.equals("k8s.io") || parent.equals("moby")
        return container(part, isContainerd ? .containerd : nil)
    }

    private static func container(_ id: ArraySlice<UInt8>, _ runtime: Workload.Runtime?) -> Workload {
        var workload = Workload(.container, name: id.prefix(12), runtime: runtime)
        workload.id = Workload.text(id)
        return workload
    }

    private static func isContainerID(_ text: ArraySlice<UInt8>) -> Bool {
        text.count == 64 && text.allSatisfy { $0.hexDigit != nil }
    }

    /// `lxc.payload.NAME`, of LXC since 4.0 and of Incus; `lxc/NAME` before. `lxc.monitor.NAME` is the host's.
    private static func lxc(_ part: ArraySlice<UInt8>, _ outer: [ArraySlice<UInt8>]) -> Workload? {
        let isOld = outer.count == 1 && outer[0].equals("lxc")
        guard let name = part.dropping(prefix: "lxc.payload.") ?? (isOld ? part : nil), !name.isEmpty else {
            return nil
        }
        return Workload(.container, name: name, runtime: .lxc)
    }

    // MARK: - Machines

    /// `systemd-nspawn@NAME.service`, or `machine-NAME.scope`, where libvirt puts its domains too.
    private static func machine(_ part: ArraySlice<UInt8>, _ outer: [ArraySlice<UInt8>]) -> Workload? {
        if let name = part.dropping(suffix: ".service")?.dropping(prefix: "systemd-nspawn@"), !name.isEmpty {
            return Workload(.container, name: UnitName.unescaped(name), runtime: .nspawn)
        }
        guard let escaped = part.dropping(suffix: ".scope")?.dropping(prefix: "machine-"), !escaped.isEmpty,
            outer.last?.equals("machine.slice") == true
        else { return nil }
        let name = UnitName.unescaped(escaped)
        if let domain = libvirtDomain(name, "qemu-") { return Workload(.vm, name: domain, runtime: .libvirt) }
        if let domain = libvirtDomain(name, "lxc-") { return Workload(.container, name: domain, runtime: .libvirt) }
        return Workload(.container, name: name, runtime: .nspawn)
    }

    /// The name in `qemu-ID-NAME`.
    private static func libvirtDomain(_ machine: [UInt8], _ driver: String) -> ArraySlice<UInt8>? {
        guard let rest = machine.dropping(prefix: driver) else { return nil }
        let parts = rest.split(separator: UInt8(ascii: "-"), maxSplits: 1)
        guard parts.count == 2, parts[0].number != nil else { return nil }
        return parts[1]
    }
}
