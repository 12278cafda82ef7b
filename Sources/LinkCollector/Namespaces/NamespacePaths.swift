import Synchronization
import VexportCore

/// Where the files of namespaces were seen not long ago, for those who want to go there.
final class NamespacePaths: Sendable {
    private let paths = Mutex<[NamespaceFile: FilePath]>([:])

    /// By what stat says of the file.
    subscript(file: NamespaceFile) -> FilePath? {
        get { paths.withLock { $0[file.place] } }
        set { paths.withLock { $0[file.place] = newValue } }
    }
}
