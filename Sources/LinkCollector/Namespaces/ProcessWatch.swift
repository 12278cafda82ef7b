public import VexportCore

/// Who may look at all processes, where the collector itself may not.
public struct ProcessWatch: Sendable {
    /// Tells in which namespaces processes live, vexport's own apart, each with a thread that does; nil when nobody can tell.
    /// May block for some seconds.
    public var inhabitants: @Sendable () -> [NamespaceFile: Int32]?
    /// Opens the namespace that a thread lives in; nil when that is another one, or not to be opened.
    public var open: @Sendable (NamespaceFile, Int32) -> Int32?

    public init(
        inhabitants: @escaping @Sendable () -> [NamespaceFile: Int32]?,
        open: @escaping @Sendable (NamespaceFile, Int32) -> Int32?
    ) {
        self.inhabitants = inhabitants
        self.open = open
    }
}
