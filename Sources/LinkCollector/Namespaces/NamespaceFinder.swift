import Glibc
import Synchronization
import VexportCore

/// Finds namespaces by their names in /run/netns and by the processes and threads that live in them, on a thread of its
/// own, and says what it found.
final class NamespaceFinder: Sendable {
    /// Sweeps take at most a hundredth of the time.
    private static let share = 100

    /// What other threads want.
    private struct Requests {
        var identify: Set<NSID> = []
        var gone: Set<NSID> = []
        var isStopping = false
    }

    private let reader: NamespaceReader
    private let processes: ProcessWatch?
    private let interval: Duration
    private let report: @Sendable ([LinkChange]) -> Void
    private let searched: @Sendable () -> Void
    private let requests = Mutex(Requests())
    private let wakeUp: WakeUp
    let routes = NamespaceRoutes()

    /// - Parameters:
    ///   - processes: looks at processes in the finder's place, if it may not.
    ///   - interval: between looks at all processes that nobody asked for.
    ///   - report: takes what was found, in order.
    ///   - searched: called after the first look at everything.
    /// - Throws: `SystemCallError` when the kernel gives no descriptors.
    init(
        reader: NamespaceReader, processes: ProcessWatch?, interval: Duration,
        report: @escaping @Sendable ([LinkChange]) -> Void,
        searched: @escaping @Sendable () -> Void
    ) throws(SystemCallError) {
        self.reader = reader
        self.processes = processes
        self.interval = interval
        self.report = report
        self.searched = searched
        wakeUp = try WakeUp()
    }

    /// These numbers are known, and nothing else of their namespaces.
    func identify(_ nsids: Set<NSID>) {
        requests.withLock { $0.identify.formUnion(nsids) }
        wakeUp.signal()
    }

    /// These numbers are free again.
    func forget(_ nsids: Set<NSID>) {
        requests.withLock {
            $0.gone.formUnion(nsids)
            $0.identify.subtract(nsids)
        }
        wakeUp.signal()
    }

    func stop() {
        requests.withLock { $0.isStopping = true }
        wakeUp.signal()
    }

    /// The thread: watches names, sweeps now and then, and identifies what it is asked for.
    func run() {
        var search = NamespaceSearch(reader: reader, processes: processes, routes: routes)
        var schedule = Pace(interval: interval, share: Self.share, start: .now)
        let watch = try? NameWatch()
        var isFirst = true
        while true {
            let wanted = requests.withLock { requests in
                defer { (requests.identify, requests.gone) = ([], []) }
                return requests
            }
            if wanted.isStopping { return }
            search.forget(wanted.gone)
            search.identify(wanted.identify)
            if search.needsSweep { schedule.request() }
            let delay = schedule.delay(at: .now)
            if delay == .zero {
                // Waiting for somebody else's look costs nothing.
                let inhabitants = processes?.inhabitants()
                let started = ContinuousClock.now
                search.sweep(inhabitants)
                schedule.ended(started: started, at: .now)
            }
            report(search.takeFindings())
            if isFirst {
                isFirst = false
                searched()
            }
            guard let watch else {
                wakeUp.wait(timeout: schedule.delay(at: .now))
                continue
            }
            let came = wakeUp.wait(
                for: [.readable(watch.descriptor), .mounts(watch.mounts)], timeout: schedule.delay(at: .now))
            if came[0] { search.take(watch.read()) }
            if came[1] { search.lookAgain() }
        }
    }
}
