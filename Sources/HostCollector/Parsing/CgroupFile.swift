import VexportCore

/// /proc/PID/cgroup: the control groups that a process is in, one line a hierarchy.
enum CgroupFile {
    /// The paths, the most telling first: that of version 2, then that of systemd's own hierarchy, then the others.
    static func paths(in file: [UInt8]) -> [[UInt8]] {
        var ranked: [(rank: Int, path: [UInt8])] = []
        for line in file.split(separator: UInt8(ascii: "\n")) {
            // hierarchy:controllers:path, and the path may hold colons.
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2].first == UInt8(ascii: "/"), fields[2].count <= longestPath else {
                continue
            }
            let rank = fields[1].isEmpty ? 0 : fields[1].equals("name=systemd") ? 1 : 2
            ranked.append((rank, Array(fields[2])))
        }
        // Stable, and each path once: version 1 repeats it for every controller.
        var seen: Set<[UInt8]> = []
        return (0...2).flatMap { rank in ranked.filter { $0.rank == rank }.map(\.path) }.filter {
            seen.insert($0).inserted
        }
    }

    /// The workload that a process is a part of, by the names that container engines, Kubernetes and systemd give control
    /// groups; nil when they tell nothing.
    static func workload(in file: [UInt8]) -> Workload? {
        let found = paths(in: file).compactMap { CgroupPath.workload($0) }
        return found.first { $0.kind != .service } ?? found.first
    }

    /// PATH_MAX.
    private static let longestPath = 4096
}
