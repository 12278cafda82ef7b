/// Which workload holds which tap, and which lives in which network namespace, as a sweep over all processes found it.
public struct Owners: Equatable, Sendable {
    /// A tap as the process that holds it sees it.
    public struct Tap: Hashable, Sendable {
        /// Its name at present.
        public var device: EscapedText
        /// The namespace that the tap is in.
        public var namespace: NamespaceFile
        /// Whether the kernel said so. If not, it is the namespace of the process, and the tap may be in another.
        public var isCertain: Bool

        public init(device: EscapedText, namespace: NamespaceFile, isCertain: Bool) {
            self.device = device
            self.namespace = namespace
            self.isCertain = isCertain
        }
    }

    /// Who lives in a namespace.
    public struct Inhabitant: Hashable, Sendable {
        public var workload: Workload
        /// A thread of its in there, by which the kernel finds the namespace. It may have ended since.
        public var thread: Int32

        public init(workload: Workload, thread: Int32) {
            self.workload = workload
            self.thread = thread
        }
    }

    /// The namespace that was swept from.
    public var own: NamespaceFile?
    public var taps: [Tap: Workload] = [:]
    /// Without vexport's own namespace, which belongs to the host.
    public var namespaces: [NamespaceFile: Inhabitant] = [:]

    public init() {}
}
