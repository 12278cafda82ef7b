internal import CHost
import Glibc
import VexportCore

/// Looks at one process at a time.
struct ProcessReader {
    /// Descriptors and threads of one process beyond these are passed over, so that no process makes a sweep endless.
    static let mostDescriptors = 65_536
    static let mostThreads = 16_384

    let files = ProcFS()
    let own: NamespaceFile?

    init() {
        own = files.namespace("self/ns/net")
    }

    /// Looks again at a process that is surely still the same. That is most of what a sweep does, and what tells more than
    /// namespaces and descriptors is dear.
    ///
    /// - Returns: nil when it holds taps, lives elsewhere than before or shows nothing, as one that has ended: then it takes a
    ///   whole look.
    func lookAgain(at pid: Int32, _ former: ProcessFacts) -> ProcessFacts? {
        let path = String(pid)
        guard former.taps.isEmpty, let threads = files.threads(of: path),
            let first = files.namespace(path + "/ns/net")
        else { return nil }
        var facts = former
        facts.namespaces = [first: pid]
        if threads > 1 { addThreads(of: pid, to: &facts) }
        guard facts.namespaces.keys == former.namespaces.keys else { return nil }
        switch files.mayBeTaps(in: path + "/fd", limit: Self.mostDescriptors) {
        case .found(let (taps, count)):
            guard taps.isEmpty else { return nil }
            facts.descriptors = count
        case .gone: return nil
        case .refused: facts.isReadable = false
        }
        return facts
    }

    /// - Returns: nil for a process that is gone, or has ended and only waits to be waited for.
    func look(at pid: Int32) -> ProcessFacts? {
        guard let status = files.read("\(pid)/stat").flatMap(ProcessStatus.init) else { return nil }
        // A process lives on without its first thread, which then shows nothing any more: another one does.
        guard let alive = status.isAlive ? "\(pid)" : otherThread(of: pid, status) else { return nil }
        var facts = ProcessFacts(start: status.start)
        if let namespace = files.namespace("\(alive)/ns/net") { facts.namespaces[namespace] = pid }
        if status.threads > 1 { addThreads(of: pid, to: &facts) }
        findTaps(pid, alive, &facts)
        let livesElsewhere = facts.namespaces.keys.contains { $0 != own }
        guard livesElsewhere || !facts.taps.isEmpty else { return facts }
        facts.part = part(alive, status)
        // Ended meanwhile, and another has its number now: nothing of this is true of either.
        return files.read("\(pid)/stat").flatMap(ProcessStatus.init)?.start == status.start ? facts : nil
    }

    private func addThreads(of pid: Int32, to facts: inout ProcessFacts) {
        for thread in files.numbers(in: "\(pid)/task").prefix(Self.mostThreads) {
            guard let namespace = files.namespace("\(pid)/task/\(thread.number)/ns/net") else { continue }
            if facts.namespaces[namespace] == nil { facts.namespaces[namespace] = thread.number }
        }
    }

    private func otherThread(of pid: Int32, _ status: ProcessStatus) -> String? {
        guard status.threads > 1 else { return nil }
        return files.numbers(in: "\(pid)/task").lazy.map { "\(pid)/task/\($0.number)" }.first { path in
            files.read("\(path)/stat").flatMap(ProcessStatus.init)?.isAlive == true
        }
    }

    private func findTaps(_ pid: Int32, _ path: String, _ facts: inout ProcessFacts) {
        let taps: [Int32]
        switch files.mayBeTaps(in: "\(path)/fd", limit: Self.mostDescriptors) {
        case .found(let found): (taps, facts.descriptors) = found
        case .gone: return
        case .refused:
            facts.isReadable = false
            return
        }
        var handle: Int32 = -1
        defer { if handle >= 0 { close(handle) } }
        for number in taps {
            if handle < 0 { handle = host_pidfd_open(pid) }
            let found =
                if let device = files.read("\(path)/fdinfo/\(number)").flatMap(TunDescriptor.device) {
                    tap(device, handle, number, facts)
                } else {
                    MacvtapDescriptor("\(path)/fd/\(number)", handle, number)?.tap(facts, own: own)
                }
            if let found { facts.taps[found, default: 0] += 1 }
        }
    }

    private func tap(_ device: [UInt8], _ handle: Int32, _ number: Int32, _ facts: ProcessFacts) -> Owners.Tap? {
        let namespace = handle >= 0 ? host_tun_namespace(handle, number) : -1
        if namespace >= 0 {
            defer { close(namespace) }
            guard let file = NamespaceFile(descriptor: namespace) else { return nil }
            return Owners.Tap(device: EscapedText(device), namespace: file, isCertain: true)
        }
        // Without CAP_NET_ADMIN, or before Linux 5.6.
        guard facts.namespaces.count == 1, let file = facts.namespaces.keys.first else { return nil }
        return Owners.Tap(device: EscapedText(device), namespace: file, isCertain: false)
    }

    private func part(_ path: String, _ status: ProcessStatus) -> ProcessFacts.Part {
        let cgroup = files.read("\(path)/cgroup", limit: 64 << 10).flatMap(CgroupFile.workload)
        let machine = files.read("\(path)/cmdline", limit: 128 << 10).flatMap(QEMUCommandLine.init).map {
            VirtualMachines.workload($0, status.name)
        }
        return ProcessFacts.Part(cgroup: cgroup, machine: machine, name: status.name)
    }
}
