import Dispatch
import Logging
import VexportCore

/// The notifier's state, and the steps that it moves in. Only ever used on the notifier's queue.
final class AlertWorker: @unchecked Sendable {  // used on one serial queue
    private(set) var settings: AlertSettings
    private let logger: Logger
    private let clock = SteadyClock()
    private(set) var engine: RuleEngine
    private(set) var dispatcher: AlertDispatcher
    private(set) var deliveries = Deliveries()
    private var observer: RuleObserver
    private var store: AlertStore?
    private let transport = Transport()
    private let plugins: (any NotificationTaker<PluginNotification>)?
    private var savedChanges: UInt64 = 0
    private var storeFailed = false { didSet { figuresAreOld = true } }
    /// What is published of alerts and deliveries is not what there is.
    private var figuresAreOld = true
    private var isStopped = false
    private var numbers: (prefix: String, next: UInt64)
    private var timer: Timestamp?
    /// Waits for results of tries of the test command, by notification.
    private var tests: [String: @Sendable (DeliveryVerdict) -> Void] = [:]
    var onChange: (AlertFigures) -> Void = { _ in }
    private weak var notifier: Notifier?

    init(
        settings: AlertSettings, history: LinkHistory?, plugins: (any NotificationTaker<PluginNotification>)?,
        logger: Logger
    ) {
        self.settings = settings
        self.plugins = plugins
        self.logger = logger
        engine = RuleEngine(rules: settings.rules, externalLabels: settings.externalLabels)
        dispatcher = AlertDispatcher(plan: settings.plan)
        observer = RuleObserver(rules: settings.rules, history: history, at: clock.now)
        numbers = ("vexport-" + String(UInt64(bitPattern: clock.now.nanoseconds), radix: 36), 0)
    }

    var now: Timestamp { clock.now }

    // MARK: - Start, change, stop

    func start(_ notifier: Notifier) {
        self.notifier = notifier
        _ = deliveries.setChannels(settings.channels)
        openStore()
        step(RuleInput())
    }

    func apply(_ settings: AlertSettings) {
        guard settings != self.settings else { return }
        let old = self.settings
        self.settings = settings
        figuresAreOld = true
        let gone = deliveries.setChannels(settings.channels)
        if store == nil || old.directory != settings.directory { openStore() }
        forget(gone)
        let ended = engine.setRules(settings.rules, externalLabels: settings.externalLabels, at: now)
        dispatcher.take(ended, at: now)
        dispatcher.setPlan(settings.plan, firing: engine.firing, at: now)
        observe(observer.setRules(settings.rules))
    }

    func stop() {
        isStopped = true
        save(adding: [])
        transport.stop()
        store = nil
    }

    private func openStore() {
        guard !settings.receivers.isEmpty, !settings.directory.isEmpty else { return }
        do throws(Database.Failure) {
            let store = try AlertStore(directory: settings.directory) { logger.error("alerts: \($0)") }
            let content = try store.load()
            self.store = store
            let ended = engine.restore(content.saved.alerts, damping: settings.damping, at: now)
            dispatcher = AlertDispatcher(plan: settings.plan, saved: content.saved.dispatcher)
            // Of a plan that changed while vexport was not running.
            dispatcher.take(engine.firing, at: now)
            dispatcher.take(ended, at: now)
            var gone: [String] = []
            for (id, notification) in content.outbox { gone += deliveries.add(id, notification, at: now) }
            forget(gone)
            observer.reviewAll()
        } catch { report(error) }
    }

    // MARK: - Steps

    func observe(_ observation: Observation) {
        guard !isStopped else { return }
        step(observer.take(observation, for: engine, at: now))
    }

    /// Evaluates, tells, saves, sends. Does nothing when nothing changed and no time is up.
    func step(_ input: RuleInput) {
        guard !isStopped else { return }
        let now = now
        let changed = engine.evaluate(input, at: now)
        dispatcher.take(changed, at: now)
        for alert in changed { log(alert) }
        let new = dispatcher.flush(at: now).map { (id: nextID(), notification: $0) }
        if !new.isEmpty || engine.changes != savedChanges {
            save(adding: new)
            figuresAreOld = true
        }
        if engine.refused > 0 { figuresAreOld = true }
        var gone: [String] = []
        for (id, notification) in new { gone += deliveries.add(id, notification, at: now) }
        forget(gone)
        send()
    }

    private func send() {
        for (lane, channel, entry) in deliveries.next(at: now) {
            figuresAreOld = true
            let started = ContinuousClock.now
            let finish: @Sendable (DeliveryVerdict) -> Void = { [self, notifier] verdict in
                let took = ContinuousClock.now - started
                notifier?.queue.async { self.finished(lane, entry.id, verdict, took) }
            }
            if case .plugin(let name) = channel.kind, let plugins {
                let json = WebhookMessage.json(entry.notification).bytes
                plugins.deliver(PluginNotification(plugin: name, json: json), finish)
                continue
            }
            do throws(SecretFile.Failure) {
                transport.deliver(try channel.request(entry.notification, id: entry.id, at: now), finish)
            } catch {
                finish(.retry(reason: "\(error)"))
            }
        }
        if figuresAreOld { onChange(AlertFigures(self)) }
        figuresAreOld = false
        schedule()
    }

    private func finished(_ lane: String, _ id: String, _ verdict: DeliveryVerdict, _ took: Duration) {
        guard !isStopped else { return }
        figuresAreOld = true
        // Who asked for a test is waiting, and told.
        let told = tests.removeValue(forKey: id)
        if told == nil { log(verdict, lane) }
        let done = deliveries.finished(
            lane, id, verdict, isTest: told != nil, took: took, at: now, chance: .random(in: 0..<1))
        if let done { forget([done]) }
        told?(verdict)
        send()
    }

    /// Sends a test to the channels of a receiver.
    ///
    /// - Parameter told: called for each channel's first try.
    /// - Returns: the channels; nil when there is no such receiver.
    func test(_ receiver: String, told: @escaping @Sendable (String, DeliveryVerdict) -> Void) -> [String]? {
        guard settings.receivers[receiver] != nil else { return nil }
        let channels = settings.channels.map(\.plan).filter { $0.receiver == receiver }
        for channel in channels {
            let id = nextID()
            tests[id] = { told(channel.id, $0) }
            let test = AlertDispatcher.test(channel, labels: LabelSet(settings.externalLabels), at: now)
            _ = deliveries.add(id, test, at: now)
        }
        send()
        return channels.map(\.id)
    }

    func addSilence(_ silence: Silence) -> Bool {
        defer { save(adding: []) }
        return dispatcher.addSilence(silence)
    }

    func expireSilence(_ id: String) -> Bool {
        defer { save(adding: []) }
        return dispatcher.expireSilence(id)
    }

    func nextID() -> String {
        numbers.next += 1
        return "\(numbers.prefix)-\(numbers.next)"
    }

    // MARK: - Disk and clock

    private func save(adding new: [(id: String, notification: AlertNotification)]) {
        guard let store else { return }
        savedChanges = engine.changes
        // After a failure all that waits is to be stored, not only the new.
        let rows = storeFailed ? deliveries.waiting + new : new
        do throws(Database.Failure) {
            try store.save(SavedAlerts(engine, dispatcher), adding: rows)
            if storeFailed {
                logger.info("alerts: the outbox takes changes again", metadata: ["file": "\(store.path)"])
            }
            storeFailed = false
        } catch { report(error) }
    }

    private func forget(_ ids: [String]) {
        guard let store else { return }
        do throws(Database.Failure) { try store.remove(ids) } catch { report(error) }
    }

    /// Tells of the first failure in a row.
    private func report(_ error: Database.Failure) {
        if !storeFailed {
            logger.error(
                "alerts: \(error); going on in memory: what is not delivered when vexport ends is lost",
                metadata: ["directory": "\(settings.directory)"])
        }
        storeFailed = true
    }

    /// False while the outbox can't be written, or was never opened though there are receivers.
    var isStoreWorking: Bool {
        settings.receivers.isEmpty || settings.directory.isEmpty || (store != nil && !storeFailed)
    }

    private func schedule() {
        let deadlines = [engine.deadline, dispatcher.deadline, deliveries.deadline].compactMap { $0 }
        guard let next = deadlines.min() else { return }
        // One that comes sooner is enough; it plans the next.
        if let timer, timer <= next, timer > now { return }
        timer = next
        let wait = max(.milliseconds(1), next - now)
        notifier?.queue.asyncAfter(deadline: DispatchTime.now() + wait.seconds) { [weak self] in self?.step(RuleInput())
        }
    }

    private func log(_ verdict: DeliveryVerdict, _ lane: String) {
        switch verdict {
        case .delivered: logger.debug("notification delivered", metadata: ["channel": "\(lane)"])
        case .refused(let reason):
            logger.error(
                "notification refused, and not tried again: mend the receiver's configuration",
                metadata: ["channel": "\(lane)", "reason": "\(reason)"])
        case .retry(let reason, _):
            logger.warning(
                "notification failed, to be tried again", metadata: ["channel": "\(lane)", "reason": "\(reason)"])
        }
    }

    private func log(_ alert: Alert) {
        logger.info(
            "alert \(alert.state.phase.rawValue)", metadata: ["alert": "\(alert.labels)"])
    }
}

/// Wall time at the start, moved on by the monotonic clock: steps of the wall clock neither fire nor delay anything, and
/// what is saved still means the same after a restart.
private struct SteadyClock {
    private let wall: Timestamp
    private let start = ContinuousClock.now

    init() {
        wall = .now
    }

    var now: Timestamp { wall + (ContinuousClock.now - start) }
}
