public import Logging
import Synchronization
public import VexportCore

/// Runs plugins: programs that others wrote. Whatever they do costs their own metrics, labels and deliveries, and nothing
/// else.
///
/// One thread starts them, tells them what they want to know and reads what they say; they end with it.
public final class PluginHost: MetricSource {
    private struct State {
        var inbox: PluginInbox
        /// What any plugin does: for the rest nobody need be woken.
        var hooks: Set<PluginHook>
        var links: FrameLinks?
    }

    private let loop: PluginLoop
    private let state: Mutex<State>
    private let thread = Mutex<BlockingThread?>(nil)

    /// - Parameters:
    ///   - taken: names of metrics that plugins may not use.
    ///   - board: where their metrics go.
    ///   - journal: where events come from.
    ///   - enrich: takes their labels for links.
    /// - Throws: when the process has no descriptors left.
    public init(
        _ settings: [PluginSettings], taken: Set<String>, board: ForeignBoard, journal: EventJournal, logger: Logger,
        enrich: @escaping LinkEnrichment.Taker
    ) throws {
        state = Mutex(State(inbox: PluginInbox(settings: settings), hooks: Self.hooks(settings)))
        loop = try PluginLoop(
            HookDesk(MetricRules(taken: taken, budget: 0), board, journal, logger, enrich: enrich), logger)
    }

    /// Starts the thread, and with it the plugins.
    public func start() {
        thread.withLock { $0 = BlockingThread(name: "vexport-plugins") { [self] in loop.run(takeInbox) } }
    }

    /// Ends all plugins and the thread. Takes as long as they are given to end by themselves: 2 s.
    public func stop() {
        put { $0.inbox.isStopping = true }
        thread.withLock { $0 }?.join()
    }

    /// Ends plugins that are gone or changed, starts those that are new or changed; the others go on.
    public func apply(_ settings: [PluginSettings]) {
        put { state in
            state.inbox.settings = settings
            state.hooks = Self.hooks(settings)
        }
    }

    public func collect(into sink: inout SampleSink) {
        PluginFigures.collect(loop.figures.withLock { $0 }, into: &sink)
    }

    private static func hooks(_ settings: [PluginSettings]) -> Set<PluginHook> { Set(settings.flatMap(\.hooks)) }

    /// - Parameter hook: wakes the thread only if a plugin has it; nil for always.
    private func put(for hook: PluginHook? = nil, _ change: (inout State) -> Void) {
        let isWanted = state.withLock { state in
            change(&state)
            return hook.map(state.hooks.contains) ?? true
        }
        if isWanted { loop.wakeUp.signal() }
    }

    private func takeInbox() -> PluginInbox {
        state.withLock { state in
            defer { state.inbox = PluginInbox(isStopping: state.inbox.isStopping) }
            return state.inbox
        }
    }
}

extension PluginHost: PipelineObserver {
    /// The events themselves are read from the journal.
    public func observe(_ events: [LinkEvent]) {
        if !events.isEmpty { put(for: .observe) { _ in } }
    }

    public func observe(_ findings: [Finding]) {
        put(for: .observe) { $0.inbox.findings = findings }
    }

    public func observe(_ frame: TickFrame) {
        guard state.withLock({ $0.links !== frame.links }) else { return }
        put(for: .enrich) { state in
            state.links = frame.links
            state.inbox.links = frame.links
        }
    }
}

extension PluginHost: NotificationTaker {
    public func deliver(
        _ message: PluginNotification, _ completion: @escaping @Sendable (DeliveryVerdict) -> Void
    ) {
        put { $0.inbox.deliveries.append(.init(message: message, completion: completion)) }
    }
}
