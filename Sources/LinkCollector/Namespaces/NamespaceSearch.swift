import Glibc
import VexportCore

/// What is known of namespaces' files, and the looks that find out more.
struct NamespaceSearch {
    /// A namespace that was sighted.
    private struct Known {
        var nsid: NSID?
        /// What led to it.
        var route: NamespaceRoute
        var name: [UInt8]?
    }

    private static let names = FilePath(NameWatch.directory)
    private static let processes = FilePath("/proc")
    private static let own = FilePath("/proc/self/ns/net")

    private let reader: NamespaceReader
    private let watch: ProcessWatch?
    private let routes: NamespaceRoutes
    private var known: [NamespaceFile: Known] = [:]
    private var filesByName: [[UInt8]: NamespaceFile] = [:]
    /// Names whose mount is still to come. An empty file that nothing will ever be mounted on is one for good.
    private var unmounted: Set<[UInt8]> = []
    /// Numbers whose namespace only a sweep may find.
    private var sought: Set<NSID> = []
    private var findings: [LinkChange] = []

    /// - Parameters:
    ///   - processes: opens namespaces of processes that it saw in the searcher's place.
    ///   - routes: takes in how each namespace is found.
    init(reader: NamespaceReader, processes: ProcessWatch?, routes: NamespaceRoutes) {
        self.reader = reader
        watch = processes
        self.routes = routes
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
            routes[file] = nil
            if sight(entry.route, name: entry.name) == nsid { left.remove(nsid) }
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
        _ = sight(.path(path), name: name)
    }

    private mutating func drop(_ name: [UInt8]) {
        unmounted.remove(name)
        guard filesByName.removeValue(forKey: name) != nil else { return }
        findings.append(.namespaceNameGone(EscapedText(name)))
    }

    private mutating func sight(_ route: NamespaceRoute, name: [UInt8]? = nil) -> NSID? {
        guard let sighting = reader.sight(route, name: name) else { return nil }
        routes[sighting.file] = route
        known[sighting.file.place] = Known(nsid: sighting.nsid, route: route, name: name)
        if let nsid = sighting.nsid { sought.remove(nsid) }
        findings.append(.namespaceSighted(sighting))
        return sighting.nsid
    }

    private mutating func dropKnown(where isDropped: (NamespaceFile, Known) -> Bool) {
        for (file, entry) in known where isDropped(file, entry) {
            known[file] = nil
            routes[file] = nil
        }
    }

    // MARK: - Processes

    /// Looks at all names and at the namespace of every thread.
    ///
    /// - Parameter inhabitants: the namespaces that threads live in, as somebody else saw them; nil when there is nobody.
    mutating func sweep(_ inhabitants: [NamespaceFile: Int32]?) {
        lookAtNames()
        var present = Set(filesByName.values)
        if let own = NamespaceFile(at: Self.own, device: reader.device) { present.insert(own) }
        if let inhabitants, let watch {
            present.formUnion(inhabitants.keys)
            for (file, thread) in inhabitants where known[file] == nil {
                _ = sight(.thread(thread, of: file, by: watch))
            }
        } else {
            for path in Self.threads() {
                guard let file = NamespaceFile(at: path, device: reader.device) else { continue }
                present.insert(file)
                if known[file] == nil { _ = sight(.path(path)) }
            }
        }
        dropKnown { $1.nsid == nil && !present.contains($0) }
        findings.append(.namespacesSwept(present))
        findings += sought.map { .namespaceNotFound($0) }
        sought = []
    }

    /// The namespaces' files of all threads. A process' leader is not enough: another thread may live elsewhere.
    private static func threads() -> [FilePath] {
        var paths: [FilePath] = []
        processes.forEachEntry { name in
            guard name.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return }
            let process = processes.entry(name)
            paths.append(process.entry("ns/net"))
            let threads = process.entry("task")
            // Its links are itself, its name, and one for each thread.
            guard let count = threads.status?.st_nlink, count > 3 else { return }
            threads.forEachEntry { paths.append(threads.entry($0).entry("ns/net")) }
        }
        return paths
    }
}
