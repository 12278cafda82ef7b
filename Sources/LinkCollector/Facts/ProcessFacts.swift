import Glibc
import VexportCore

/// Facts that /proc tells: who lives in a namespace, who holds it, who reads a tap.
final class ProcessFacts: Sendable {
    private static let processes = FilePath("/proc")
    /// st_dev of all namespaces' files.
    private let device: UInt64

    /// - Throws: `CollectorError` when /proc is not there.
    init() throws(CollectorError) {
        guard let status = FilePath("/proc/thread-self/ns/net").status else {
            throw CollectorError("look at /proc/thread-self/ns/net", errno)
        }
        device = UInt64(status.st_dev)
    }

    func answer(_ request: FactRequest, _ answer: inout FactAnswer) {
        if !request.namespaces.isEmpty { findInhabitants(request, &answer) }
        let taps = request.links.filter { $0.kinds.contains(.readers) }
        let empty = answer.namespaces.filter { id, use in
            request.namespaces[id]?.isDetailed == true && use.isInhabited == false
        }
        guard !taps.isEmpty || !empty.isEmpty else { return }
        var search = DescriptorSearch(
            taps: Set(taps.map { $0.name }),
            namespaces: Set(empty.keys.compactMap { request.namespaces[$0]?.file?.inode }), device: device)
        for process in Self.all() { search.look(at: process) }
        for tap in taps {
            answer.links[tap.place]?.readers = search.isComplete ? search.readers[tap.name] ?? [] : nil
        }
        for id in empty.keys {
            guard let inode = request.namespaces[id]?.file?.inode else { continue }
            answer.namespaces[id]?.holders = search.holders[inode] ?? []
        }
    }

    private func findInhabitants(_ request: FactRequest, _ answer: inout FactAnswer) {
        var inhabited: Set<UInt64> = []
        // In a PID namespace, or with hidepid, other processes are out of sight; the kernel's own thread always is there.
        var isComplete = NamespaceFile(at: FilePath("/proc/2/ns/net"), device: device) != nil && Self.seesAllProcesses
        for process in Self.all() {
            for path in process.namespacePaths {
                switch path.look {
                case .found(let status): inhabited.insert(UInt64(status.st_ino))
                case .gone: break
                case .refused: if !process.isExcused { isComplete = false }
                }
            }
        }
        for (id, question) in request.namespaces {
            guard let inode = question.file?.inode else { continue }
            let isInhabited = inhabited.contains(inode) ? true : isComplete ? false : nil
            answer.namespaces[id, default: NamespaceUse()].isInhabited = isInhabited
        }
    }

    /// PROC_PID_INIT_INO: the PID namespace of the host.
    private static var seesAllProcesses: Bool { FilePath("/proc/self/ns/pid").status?.st_ino == 0xefff_fffc }

    /// Every process there is.
    private static func all() -> [ProcessPath] {
        var found: [ProcessPath] = []
        processes.forEachEntry { name in
            guard let pid = Int32(String(decoding: name, as: UTF8.self)) else { return }
            found.append(ProcessPath(pid: pid, path: processes.entry(name)))
        }
        return found
    }
}
