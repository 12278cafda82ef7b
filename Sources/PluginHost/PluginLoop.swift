internal import CSpawn
import Glibc
import Logging
import Synchronization
import VexportCore

/// The thread on which plugins are started and listened to.
final class PluginLoop: @unchecked Sendable {  // all but what is Sendable is used on one thread
    typealias Instant = ContinuousClock.Instant

    /// How long a plugin that is told to end may take.
    static let grace = Duration.seconds(2)
    /// Time between looks for what running plugins have left behind.
    private static let sweepInterval = Duration.seconds(5)

    private static let lastSweeps = 100
    /// Of this thread and of plugins, which inherit it: scrapes go first. Source: nice(2).
    private static let niceness: Int32 = 10

    let wakeUp: WakeUp
    let figures = Mutex<[(name: String, figures: PluginFigures)]>([])
    private let desk: HookDesk
    private let logger: Logger
    private var runners: [PluginRunner] = []
    /// Those that were told to end.
    private var leaving: [PluginRunner] = []
    private var nextSweep: Instant?
    /// Sweeps in a row that found nothing.
    private var emptySweeps = 0
    /// Of a request to any plugin.
    private var lastID: UInt64 = 0

    init(_ desk: HookDesk, _ logger: Logger) throws {
        self.desk = desk
        self.logger = logger
        wakeUp = try WakeUp()
    }

    /// Works until it is told to stop.
    ///
    /// - Parameter takeInbox: takes what was asked for since the last call.
    func run(_ takeInbox: () -> PluginInbox) {
        // Who writes to a plugin that has ended learns of it by the result.
        signal(SIGPIPE, SIG_IGN)
        // On Linux this is of the calling thread. Without effect it costs nothing but that.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        let code = vexport_adopt_orphans()
        if code != 0 {
            logger.warning("what plugins leave behind can't be ended: \(SystemCallError.text(code))")
        }
        var isStopping = false
        while true {
            let inbox = takeInbox()
            if inbox.isStopping, !isStopping {
                isStopping = true
                setPlugins([])
            } else if let settings = inbox.settings, !isStopping {
                setPlugins(settings)
            }
            desk.take(inbox, runners, at: .now)
            work()
            if isStopping, leaving.isEmpty { break }
            wait()
        }
        // A process that even SIGKILL can't end now is left to init.
        for _ in 0..<Self.lastSweeps {
            sweep(at: .now)
            guard nextSweep != nil else { break }
            _ = poll(nil, 0, 10)
        }
    }

    private var order: [String] { runners.map(\.settings.name) }

    private func setPlugins(_ settings: [PluginSettings]) {
        let now = Instant.now
        for runner in runners where !settings.contains(runner.settings) {
            runner.stop(at: now, grace: Self.grace)
            leaving.append(runner)
            desk.dismiss(runner.settings.name)
        }
        runners = settings.map { settings in
            runners.first { $0.settings == settings } ?? makeRunner(settings, at: now)
        }
        desk.publishLabels(in: order)
        publishFigures()
    }

    private func makeRunner(_ settings: PluginSettings, at now: Instant) -> PluginRunner {
        desk.welcome(settings.name)
        let mode = settings.makeMode(
            first: now,
            makeID: { [unowned self] in
                lastID += 1
                return lastID
            }, links: { [desk] in desk.question(for: settings.name) })
        return PluginRunner(settings, mode, logger: logger) { [unowned self] news in
            guard let runner = runners.first(where: { $0.settings == settings }) else { return }
            desk.take(news, from: runner, among: order)
            publishFigures()
        }
    }

    private func work() {
        let now = Instant.now
        let before = (runners + leaving).map { $0.process?.pid }
        for runner in runners + leaving { runner.work(at: now) }
        desk.feed(runners, at: now)
        let running = (runners + leaving).map { $0.process?.pid }
        leaving.removeAll { $0.process == nil }
        // What has ended may have left something behind.
        if zip(before, running).contains(where: { $0 != nil && $0 != $1 }) {
            (nextSweep, emptySweeps) = (now, 0)
        } else if nextSweep == nil, running.contains(where: { $0 != nil }) {
            nextSweep = now + Self.sweepInterval
        }
        if let due = nextSweep, now >= due { sweep(at: now) }
    }

    private func sweep(at now: Instant) {
        let pids = Set((runners + leaving).compactMap { $0.process?.pid })
        let (killed, isDone) = OrphanSweep.run(sparing: pids)
        for name in killed {
            logger.warning(
                "ended a process that a plugin left behind", metadata: ["program": "\(EscapedText(name.utf8))"])
        }
        emptySweeps = isDone && killed.isEmpty ? emptySweeps + 1 : 0
        nextSweep =
            switch emptySweeps {
            case 0: now + .milliseconds(10)  // the dying may leave others
            case 1: now + .seconds(1)  // a list of children that changes while it is read may leave one out
            default: nil
            }
    }

    private func wait() {
        let deadlines = (runners + leaving).map(\.deadline) + [nextSweep, desk.deadline(runners)].compactMap(\.self)
        wakeUp.wait(for: (runners + leaving).flatMap(\.sources), until: deadlines.min())
    }

    private func publishFigures() {
        let all = order.map { ($0, desk.figures(of: $0)) }
        figures.withLock { $0 = all }
    }
}
