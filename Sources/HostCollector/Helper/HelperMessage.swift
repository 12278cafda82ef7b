import VexportCore

/// What the helper says. One packet each: the socket keeps their borders, so a helper that dies while it speaks leaves
/// nothing half said.
enum HelperMessage: Equatable {
    /// A helper has begun its work, and knows nothing yet.
    case hello(Hello)
    /// Some owners, of which there are more in the next packets. Together they are all.
    case taps([Owners.Tap: Workload])
    case namespaces([NamespaceFile: Owners.Inhabitant])
    /// A sweep has ended.
    case swept(Report)
    /// Some answers, of which there are more in the next packets.
    case inhabited([UInt64])
    case readers([EscapedText: [ProcessName]])
    case holders([UInt64: [NamespaceHolder]])
    /// That was all that this question was about.
    case answered(number: UInt32, sawAllProcesses: Bool, sawAllDescriptors: Bool)
    /// The namespace that this question was about is open, and its descriptor comes with the packet; without one it could
    /// not be opened.
    case opened(number: UInt32)

    struct Hello: Equatable {
        /// How many helpers there were before this one.
        var generation: UInt32
        var pid: Int32
        /// Whether it may look at everybody's processes.
        var seesAll: Bool
        var own: NamespaceFile?
    }

    struct Report: Equatable {
        /// False when the owners are the same as the last time, and were not told again.
        var isNew: Bool
        var scope: Sweep.Scope
        var statistics: SweepStatistics
        var duration: Duration
        var processorTime: Duration
    }

    /// Of a packet. Kernels take at least this much in one (net.core.wmem_default).
    static let largest = 32 << 10
}
