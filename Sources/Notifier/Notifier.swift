import Dispatch
public import Logging
import Synchronization
public import VexportCore

/// Alerts from end to end: what is observed goes in, messages to receivers come out.
///
/// Its work is done on a queue of its own, where it may wait for the disk; requests are sent by `Transport`'s thread. It
/// never makes the pipeline or a scrape wait.
public final class Notifier: PipelineObserver {
    /// Events that may wait for evaluation. What is beyond is made up for by the next tick.
    static let mostWaiting = 100_000

    private struct Inbox {
        var observation = Observation()
        var isScheduled = false
    }

    let queue = DispatchQueue(label: "vexport.alerts")
    private let inbox = Mutex(Inbox())
    private let worker: AlertWorker
    let published = Mutex(AlertFigures())

    /// - Parameters:
    ///   - settings: what holds until `apply`.
    ///   - history: what thresholds look back into.
    ///   - plugins: delivers what goes to plugins.
    public init(
        settings: AlertSettings, history: LinkHistory? = nil,
        plugins: (any NotificationTaker<PluginNotification>)? = nil, logger: Logger
    ) {
        worker = AlertWorker(settings: settings, history: history, plugins: plugins, logger: logger)
        worker.onChange = { [weak self] in self?.published.withLock { [figures = $0] in $0 = figures } }
        queue.async { self.worker.start(self) }
    }

    // MARK: - What goes in

    /// Takes in what happened to links.
    public func observe(_ events: [LinkEvent]) {
        guard !events.isEmpty else { return }
        put { inbox in
            guard inbox.events.count + events.count <= Self.mostWaiting else { return inbox.hasLost = true }
            inbox.events += events
        }
    }

    /// Takes in a scheduled tick.
    public func observe(_ frame: TickFrame) {
        put { $0.frame = frame }
    }

    /// Takes in all findings there are.
    public func observe(_ findings: [Finding]) {
        put { $0.findings = findings }
    }

    private func put(_ change: (inout Observation) -> Void) {
        let mustSchedule = inbox.withLock { inbox in
            change(&inbox.observation)
            defer { inbox.isScheduled = true }
            return !inbox.isScheduled
        }
        if mustSchedule { queue.async { self.takeInbox() } }
    }

    private func takeInbox() {
        let inbox = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox
        }
        worker.observe(inbox.observation)
    }

    // MARK: - Control

    /// Takes other settings; what waits and what fires goes on where it can.
    public func apply(_ settings: AlertSettings) {
        queue.async { self.worker.apply(settings) }
    }

    /// Saves the state and stops sending. What was not delivered waits in the outbox.
    public func stop() {
        queue.sync { worker.stop() }
    }

    /// Runs `body` on the queue.
    func ask<Result: Sendable>(_ body: @escaping @Sendable (AlertWorker) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body(self.worker)) }
        }
    }
}
