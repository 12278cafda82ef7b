import Glibc
import Synchronization
import VexportCore

/// A way to a namespace's file.
enum NamespaceRoute: Sendable {
    case path(FilePath)
    /// Where a thread lives that only others may look at.
    case thread(Int32, of: NamespaceFile, by: ProcessWatch)

    /// Opens the file for `body` and closes it again; nil when it can't be opened.
    func withOpenFile<Result>(_ body: (Int32) -> Result?) -> Result? {
        switch self {
        case .path(let path): return path.withOpenFile(body)
        case .thread(let thread, let namespace, let watch):
            guard let descriptor = watch.open(namespace, thread) else { return nil }
            defer { close(descriptor) }
            return body(descriptor)
        }
    }
}

/// The ways to namespaces that were seen not long ago, for those who want to go there.
final class NamespaceRoutes: Sendable {
    private let routes = Mutex<[NamespaceFile: NamespaceRoute]>([:])

    /// By what stat says of the file.
    subscript(file: NamespaceFile) -> NamespaceRoute? {
        get { routes.withLock { $0[file.place] } }
        set { routes.withLock { $0[file.place] = newValue } }
    }
}
