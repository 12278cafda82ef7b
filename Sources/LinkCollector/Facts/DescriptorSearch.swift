internal import CSystemCalls
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
    /// st_dev of all namespaces' files.
    let device: UInt64
    private(set) var readers: [EscapedText: [ProcessName]] = [:]
    private(set) var holders: [UInt64: [NamespaceHolder]] = [:]
    /// Whether all descriptors of all processes could be seen.
    private(set) var isComplete = true
    private var mountTables: Set<UInt64> = []

    init(taps: Set<EscapedText>, namespaces: Set<UInt64>, device: UInt64) {
        self.taps = taps
        self.namespaces = namespaces
        self.device = device
    }

    mutating func look(at process: ProcessPath) {
        let directory = process.path.entry("fd")
        var numbers: [[UInt8]] = []
        if case .refused = directory.forEachEntry({ numbers.append($0) }), !process.isExcused { isComplete = false }
        for number in numbers { look(at: directory.entry(number), number, of: process) }
        if !namespaces.isEmpty { lookAtMounts(of: process) }
    }

    private mutating func look(at path: FilePath, _ number: [UInt8], of process: ProcessPath) {
        let target: String
        switch path.linkTarget {
        case .found(let text): target = text
        case .gone: return
        case .refused:
            if !process.isExcused { isComplete = false }
            return
        }
        if target.hasSuffix("/net/tun") {
            lookAtTun(number, of: process)
        } else if namespaces.isEmpty {
            return
        } else if target.hasPrefix("socket:") {
            if let inode = namespace(of: number, in: process, asked: { vexport_socket_namespace($0) }) {
                add(.socket(process.name), to: inode)
            }
        } else if let file = NamespaceFile(at: path, device: device) {
            // By its file, not its text, which is `/` once the name is gone.
            add(.descriptor(process.name), to: file.inode)
        }
    }

    private mutating func lookAtTun(_ number: [UInt8], of process: ProcessPath) {
        if !taps.isEmpty, let device = process.path.entry("fdinfo").entry(number).tunDevice, taps.contains(device) {
            readers[device, default: []].append(process.name)
        }
        if !namespaces.isEmpty,
            let inode = namespace(of: number, in: process, asked: { vexport_tun_namespace($0) })
        {
            add(.tap(process.name), to: inode)
        }
    }

    private mutating func add(_ holder: NamespaceHolder, to inode: UInt64) {
        guard namespaces.contains(inode), holders[inode, default: []].count < Self.most else { return }
        if holders[inode]?.contains(holder) != true { holders[inode, default: []].append(holder) }
    }

    /// The namespace that a copy of a process' descriptor names when asked. No copy outlives this.
    private func namespace(of number: [UInt8], in process: ProcessPath, asked: (Int32) -> Int32) -> UInt64? {
        guard let number = Int32(String(decoding: number, as: UTF8.self)) else { return nil }
        let handle = vexport_pidfd_open(process.pid)
        guard handle >= 0 else { return nil }
        defer { close(handle) }
        let copy = vexport_pidfd_getfd(handle, number)
        guard copy >= 0 else { return nil }
        defer { close(copy) }
        let file = asked(copy)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        return unsafe fstat(file, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// Processes in one mount namespace see one table.
    private mutating func lookAtMounts(of process: ProcessPath) {
        guard let table = process.path.entry("ns/mnt").status, mountTables.insert(UInt64(table.st_ino)).inserted,
            let text = process.path.entry("mountinfo").contents(limit: Self.largestMountTable)
        else { return }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            // 36 35 0:4 net:[4026532000] /run/netns/blue rw shared:1 - nsfs nsfs rw
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count > 4, fields[3].starts(with: Array("net:[".utf8)),
                let inode = UInt64(String(decoding: fields[3].dropFirst(5).dropLast(), as: UTF8.self))
            else { continue }
            add(.mount(path: EscapedText(fields[4]), process.name), to: inode)
        }
    }
}

extension FilePath {
    /// The device of an attached tun descriptor, by the line `iff:` of its fdinfo.
    fileprivate var tunDevice: EscapedText? {
        guard let text = contents(limit: 4096) else { return nil }
        let prefix = Array("iff:\t".utf8)
        let line = text.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: prefix) }
        return line.map { EscapedText($0.dropFirst(prefix.count)) }
    }
}
