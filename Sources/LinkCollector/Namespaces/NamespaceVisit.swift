internal import CSystemCalls
import Glibc
import VexportCore

/// Takes the calling thread into other namespaces, one after the other, and home again. What a thread opens there is there,
/// and keeps the namespace alive: it must be closed before the next step.
struct NamespaceVisit: ~Copyable {
    enum Entry: Equatable {
        case entered
        /// The route leads elsewhere now, or nowhere.
        case gone
        /// With this errno: EPERM without CAP_SYS_ADMIN.
        case refused(Int32)
    }

    private let device: UInt64
    /// The namespace of the thread when the visit began.
    private let home: Int32
    private var isAway = false

    /// - Parameter device: of nsfs.
    /// - Returns: nil when the process has no descriptors left.
    init?(device: UInt64) {
        self.device = device
        home = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        if home < 0 { return nil }
    }

    deinit {
        close(home)
    }

    mutating func enter(_ file: NamespaceFile, by route: NamespaceRoute) -> Entry {
        let entry: Entry? = route.withOpenFile { descriptor in
            guard let found = NamespaceFile(descriptor: descriptor, device: device), found.isSame(as: file) else {
                return .gone
            }
            return vexport_enter_network_namespace(descriptor) == 0 ? .entered : .refused(errno)
        }
        if entry == .entered { isAway = true }
        return entry ?? .gone
    }

    /// Goes home.
    ///
    /// - Returns: nil, or the errno: the thread is still away then, and must end.
    mutating func end() -> Int32? {
        guard isAway else { return nil }
        guard vexport_enter_network_namespace(home) == 0 else { return errno }
        isAway = false
        return nil
    }
}
