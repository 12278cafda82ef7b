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

    /// The namespace that was swept from.
    public var own: NamespaceFile?
    public var taps: [Tap: Workload] = [:]
    /// Without vexport's own namespace, which belongs to the host.
    public var namespaces: [NamespaceFile: Workload] = [:]

    public init() {}
}
