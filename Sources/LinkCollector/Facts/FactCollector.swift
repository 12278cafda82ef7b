internal import CMalloc
public import Logging
internal import Netlink
import Synchronization
public import VexportCore

/// Finds out what the diagnosis wants to know, on a thread of its own: asks the kernel and those who may look into /proc,
/// only for links that would otherwise be findings, and for a small part of the time.
public final class FactCollector: Sendable {
    private let pipeline: Pipeline
    private let logger: Logger
    private let pace: Duration
    private let share: Int
    private let kernel: KernelFacts
    private let processes: @Sendable (FactRequest, inout FactAnswer) -> Void
    private let wakeUp: WakeUp
    private let isStopping = Mutex(false)
    private let thread = Mutex<BlockingThread?>(nil)

    /// Opens the sockets, in the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - pace: time between questions to the pipeline whether there is something to look at.
    ///   - share: looks take at most this part of the time: they need RTNL, and go through /proc.
    ///   - processes: answers what only /proc tells, after all else was answered.
    /// - Throws: `NetlinkError` or `SystemCallError` when the kernel gives none.
    public init(
        pipeline: Pipeline, logger: Logger, pace: Duration = .seconds(1), share: Int = 50,
        processes: @escaping @Sendable (FactRequest, inout FactAnswer) -> Void
    ) throws {
        self.pace = pace
        self.share = share
        self.pipeline = pipeline
        self.logger = logger
        kernel = try KernelFacts()
        self.processes = processes
        wakeUp = try WakeUp()
    }

    public func start() {
        thread.withLock { $0 = BlockingThread(name: "vexport-facts") { self.run() } }
    }

    /// Ends the thread; waits for a look under way.
    public func stop() {
        isStopping.withLock { $0 = true }
        wakeUp.signal()
        thread.withLock { $0 }?.join()
    }

    /// Answers all that is asked, at once: for a command that looks once.
    public func lookAtAll() {
        // What one answer makes doubtful is asked next; classes rest on one another two deep.
        for _ in 0..<Self.mostLooks where lookOnce().work == .zero { return }
    }

    /// Each asks for 256 links at most.
    private static let mostLooks = 100

    private func run() {
        var links = 0
        while !isStopping.withLock({ $0 }) {
            let look = lookOnce()
            links += look.links
            if look.links == 0, links >= Self.manyLinks {
                _ = malloc_trim(0)
                links = 0
            }
            wakeUp.wait(timeout: max(pace, look.work * (share - 1)))
        }
    }

    /// After looks at so many links, the allocator's free memory goes back to the kernel: 25 MB after 5,000 of them.
    private static let manyLinks = 1000

    /// Answers what is asked for now.
    ///
    /// - Returns: how long that took, and at how many links it looked.
    private func lookOnce() -> (work: Duration, links: Int) {
        nonisolated(unsafe) var request: FactRequest?
        pipeline.performAndWait { unsafe request = $0.takeFactRequest(at: .now) }
        guard let request = unsafe request else { return (.zero, 0) }
        let started = ContinuousClock.now
        var answer = FactAnswer(startedAt: started)
        kernel.answer(request, &answer) { logger.error("\($0)") }
        processes(request, &answer)
        pipeline.enqueue { [answer] in $0.take(answer, at: .now) }
        return (.now - started, request.links.count)
    }
}
