internal import CHost
import Glibc
import VexportCore

/// Goes through the descriptors and mounts of processes for those that read a tap or keep a namespace alive.
struct DescriptorSearch {
    /// More than enough to name in a finding.
    private static let most = 4
    /// Bytes of a mountinfo that are read. A container host's has some hundred KB.
    private static let largestMountTable = 4 << 20

    let taps: Set<EscapedText>
    /// By their files' inodes.
    let namespaces: Set<UInt64>
    private let files: ProcFS
    /// st_dev of all namespaces' files.
    private let device: UInt64?
    private(set) var readers: [EscapedText: [ProcessName]] = [:]
    private(set) var holders: [UInt64: [NamespaceHolder]] = [:]
    /// Whether all descriptors of all processes could be seen.
    private(set) var isComplete = true
    private var mountTables: Set<UInt64> = []

    init(taps: Set<EscapedText>, namespaces: Set<UInt64>, files: ProcFS) {
        self.taps = taps
        self.namespaces = namespaces
        self.files = files
        device = files.namespace("self/ns/net")?.device
    }

    mutating func look(at pid: Int32) {
        let numbers = files.numbers(in: "\(pid)/fd")
        if numbers.isEmpty, files.mayList("\(pid)/fd") == false, !files.isExcused(pid) { isComplete = false }
        var handle: Int32 = -1
        defer { if handle >= 0 { close(handle) } }
        for (number, _) in numbers { look(at: number, of: pid, &handle) }
        if !namespaces.isEmpty { lookAtMounts(of: pid) }
    }

    private mutating func look(at number: Int32, of pid: Int32, _ handle: inout Int32) {
        let path = "\(pid)/fd/\(number)"
        let target: [UInt8]
        switch files.target(of: path) {
        case .found(let text): target = text
        case .gone: return
        case .refused:
            if !files.isExcused(pid) { isComplete = false }
            return
        }
        if target.hasSuffix("/net/tun") {
            lookAtTun(number, of: pid, &handle)
        } else if namespaces.isEmpty {
            return
        } else if target.starts(with: "socket:") {
            if let inode = namespace(of: number, in: pid, &handle, host_socket_namespace) {
                add(pid, to: inode) { .socket($0) }
            }
        } else if let file = files.namespace(path), file.device == device {
            // By its file, not its text, which is `/` once the name is gone.
            add(pid, to: file.inode) { .descriptor($0) }
        }
    }

    private mutating func lookAtTun(_ number: Int32, of pid: Int32, _ handle: inout Int32) {
        if !taps.isEmpty, let device = files.read("\(pid)/fdinfo/\(number)").flatMap(TunDescriptor.device) {
            let device = EscapedText(device)
            // A process holds as many descriptors as the tap has queues.
            if taps.contains(device), readers[device, default: []].count < Self.most,
                readers[device]?.last?.pid != pid
            {
                readers[device, default: []].append(name(of: pid))
            }
        }
        if !namespaces.isEmpty, let inode = namespace(of: number, in: pid, &handle, host_tun_namespace) {
            add(pid, to: inode) { .tap($0) }
        }
    }

    private mutating func add(_ pid: Int32, to inode: UInt64, _ holder: (ProcessName) -> NamespaceHolder) {
        guard namespaces.contains(inode), holders[inode, default: []].count < Self.most else { return }
        let holder = holder(name(of: pid))
        if holders[inode]?.contains(holder) != true { holders[inode, default: []].append(holder) }
    }

    private func name(of pid: Int32) -> ProcessName {
        let command = files.read("\(pid)/comm", limit: 64) ?? []
        return ProcessName(pid: pid, command: EscapedText(command.prefix { $0 != UInt8(ascii: "\n") }))
    }

    /// The namespace that a process' descriptor names when asked.
    private func namespace(
        of number: Int32, in pid: Int32, _ handle: inout Int32, _ ask: (Int32, Int32) -> Int32
    ) -> UInt64? {
        if handle < 0 { handle = host_pidfd_open(pid) }
        guard handle >= 0 else { return nil }
        let file = ask(handle, number)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return NamespaceFile(descriptor: file)?.inode
    }

    /// Processes in one mount namespace see one table.
    private mutating func lookAtMounts(of pid: Int32) {
        guard let table = files.namespace("\(pid)/ns/mnt"), mountTables.insert(table.inode).inserted,
            let text = files.read("\(pid)/mountinfo", limit: Self.largestMountTable)
        else { return }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            // 36 35 0:4 net:[4026532000] /run/netns/blue rw shared:1 - nsfs nsfs rw
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count > 4, let inode = fields[3].dropping(prefix: "net:[")?.dropLast().number else { continue }
            add(pid, to: inode) { .mount(path: Workload.text(fields[4]), $0) }
        }
    }
}
