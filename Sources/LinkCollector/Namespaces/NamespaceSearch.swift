import Glibc
import VexportCore

/// What is known of namespaces' files, and the looks that find out more.
struct NamespaceSearch {
    /// A namespace that was sighted.
    private struct Known {
        var nsid: NSID?
        /// A file that led to it.
        var path: FilePath
        var name: [UInt8]?
    }

    private static let names = FilePath(NameWatch.directory)
    private static let processes = FilePath("/proc")

    private let reader: NamespaceReader
    private let paths: NamespacePaths
    private var known: [NamespaceFile: Known] = [:]
    private var filesByName: [[UInt8]: NamespaceFile] = [:]
    /// Names whose mount is still to come. An empty file that nothing will ever be mounted on is one for good.
    private var unmounted: Set<[UInt8]> = []
    /// Numbers whose namespace only a sweep may find.
    private var sought: Set<NSID> = []
    private var findings: [LinkChange] = []

    /// - Parameter paths: takes in where each namespace is found.
    init(reader: NamespaceReader, paths: NamespacePaths) {
        self.reader = reader
        self.paths = paths
    }

    var needsSweep: Bool { !sought.isEmpty }

    mutating func takeFindings() -> [LinkChange] {
        defer { findings = [] }
        return findings
    }

    mutating func forget(_ nsids: Set<NSID>) {
        guard !nsids.isEmpty else { return }
        dropKnown { $1.nsid.map(nsids.contains) ?? false }
        sought.subtract(nsids)
    }

    /// Looks for the files of namespaces known by number: where they were, then at all names; what is left, a sweep finds.
    mutating func identify(_ nsids: Set<NSID>) {
        var left = nsids
        for (file, entry) in known {
            guard let nsid = entry.nsid, left.contains(nsid) else { continue }
            known[file] = nil
            paths[file] = nil
            if sight(entry.path, name: entry.name) == nsid { left.remove(nsid) }
        }
        guard !left.isEmpty else { return }
        lookAtNames()
        let found = Set(known.values.compactMap(\.nsid))
        sought.formUnion(left.subtracting(found))
    }

    // MARK: - Names

    mutating func take(_ events: [NameWatch.Event]) {
        for event in events {
            switch event {
            case .added(let name): look(at: name)
            case .removed(let name): drop(name)
            case .unclear: lookAtNames()
            }
        }
    }

    /// Mounts have changed.
    mutating func lookAgain() {
        for name in unmounted { look(at: name) }
    }

    private mutating func lookAtNames() {
        var present: Set<[UInt8]> = []
        Self.names.forEachEntry { present.insert($0) }
        for name in Set(filesByName.keys).union(unmounted).subtracting(present) { drop(name) }
        for name in present { look(at: name) }
    }

    private mutating func look(at name: [UInt8]) {
        let path = Self.names.entry(name)
        guard let file = NamespaceFile(at: path, device: reader.device) else {
            unmounted.insert(name)
            return
        }
        unmounted.remove(name)
        if filesByName[name] == file, known[file] != nil { return }
        filesByName[name] = file
        _ = sight(path, name: name)
    }

    private mutating func drop(_ name: [UInt8]) {
        unmounted.remove(name)
        guard filesByName.removeValue(forKey: name) != nil else { return }
        findings.append(.namespaceNameGone(EscapedText(name)))
    }

    private mutating func sight(_ path: FilePath, name: [UInt8]? = nil) -> NSID? {
        guard let sighting = reader.sight(path, name: name) else { return nil }
        take(sighting, path, name: name)
        return sighting.nsid
    }

    private mutating func take(_ sighting: NamespaceSighting, _ path: FilePath, name: [UInt8]?) {
        paths[sighting.file] = path
        known[sighting.file.place] = Known(nsid: sighting.nsid, path: path, name: name)
        if let nsid = sighting.nsid { sought.remove(nsid) }
        findings.append(.namespaceSighted(sighting))
    }

    private mutating func dropKnown(where isDropped: (NamespaceFile, Known) -> Bool) {
        for (file, entry) in known where isDropped(file, entry) {
            known[file] = nil
            paths[file] = nil
        }
    }

    // MARK: - Processes

    /// Looks at all names and at the namespace of every thread. A process' leader is not enough: another thread may live
    /// elsewhere.
    ///
    /// - Parameter inhabitants: namespaces that somebody else saw, each with a thread that lives there.
    mutating func sweep(_ inhabitants: [NamespaceFile: Int32] = [:]) {
        lookAtNames()
        var present = Set(filesByName.values)
        var paths: [FilePath] = []
        Self.processes.forEachEntry { name in
            guard name.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return }
            let process = Self.processes.entry(name)
            paths.append(process.entry("ns/net"))
            let threads = process.entry("task")
            // Its links are itself, its name, and one for each thread.
            guard let count = threads.status?.st_nlink, count > 3 else { return }
            threads.forEachEntry { paths.append(threads.entry($0).entry("ns/net")) }
        }
        for path in paths {
            guard let file = NamespaceFile(at: path, device: reader.device) else { continue }
            present.insert(file)
            if known[file] == nil { _ = sight(path) }
        }
        for (file, thread) in inhabitants where present.insert(file).inserted && known[file] == nil {
            guard let sighting = reader.sight(file, of: thread) else { continue }
            take(sighting, FilePath("/proc/\(thread)/ns/net"), name: nil)
        }
        dropKnown { $1.nsid == nil && !present.contains($0) }
        findings.append(.namespacesSwept(present))
        findings += sought.map { .namespaceNotFound($0) }
        sought = []
    }
}
