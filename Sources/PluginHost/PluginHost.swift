public import Logging
import Synchronization
public import VexportCore

/// Runs plugins: programs that others wrote. Whatever they do costs their own metrics and nothing else.
///
/// One thread starts them and reads what they say; they end with it.
public final class PluginHost: MetricSource {
    private struct Inbox {
        var settings: [PluginSettings]?
        var isStopping = false
    }

    private let loop: PluginLoop
    private let inbox: Mutex<Inbox>
    private let thread = Mutex<BlockingThread?>(nil)

    /// - Parameters:
    ///   - taken: names of metrics that plugins may not use.
    ///   - board: where their metrics go.
    /// - Throws: when the process has no descriptors left.
    public init(_ settings: [PluginSettings], taken: Set<String>, board: ForeignBoard, logger: Logger) throws {
        inbox = Mutex(Inbox(settings: settings))
        loop = try PluginLoop(MetricRules(taken: taken, budget: 0), board, logger)
    }

    /// Starts the thread, and with it the plugins.
    public func start() {
        thread.withLock { $0 = BlockingThread(name: "vexport-plugins") { [self] in loop.run(takeInbox) } }
    }

    /// Ends all plugins and the thread. Takes as long as they are given to end by themselves: 2 s.
    public func stop() {
        inbox.withLock { $0.isStopping = true }
        loop.wakeUp.signal()
        thread.withLock { $0 }?.join()
    }

    /// Ends plugins that are gone or changed, starts those that are new or changed; the others go on.
    public func apply(_ settings: [PluginSettings]) {
        inbox.withLock { $0.settings = settings }
        loop.wakeUp.signal()
    }

    public func collect(into sink: inout SampleSink) {
        PluginFigures.collect(loop.figures.withLock { $0 }, into: &sink)
    }

    private func takeInbox() -> (settings: [PluginSettings]?, isStopping: Bool) {
        inbox.withLock { inbox in
            defer { inbox.settings = nil }
            return (inbox.settings, inbox.isStopping)
        }
    }
}
