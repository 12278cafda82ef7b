import Dispatch
public import Logging
import Synchronization
public import VexportCore

/// Metrics that others write to files, as with node_exporter's collector of this name. Files are looked at on a queue of its
/// own, where a slow disk makes nobody wait.
public final class TextfileCollector: MetricSource {
    /// What is read, and how often.
    public struct Options: Equatable, Sendable {
        /// With `*`, `?` and `[]`. Source: `collectors.textfile.directories`.
        public var directories: [String] = []
        /// Time between looks. Source: `collectors.textfile.interval`.
        public var interval = Duration.seconds(5)
        /// Series of all files. Source: `collectors.textfile.max_series`.
        public var mostSeries = 10_000

        public init() {}
    }

    private struct Figures {
        var times: [(file: String, modified: Timestamp)] = []
        /// nil before the first look, and where there is no directory to look into.
        var hasProblem: Bool?
    }

    private let queue = DispatchQueue(label: "vexport.textfile")
    private let board: ForeignBoard
    private let logger: Logger
    private let figures = Mutex(Figures())
    private let worker: Worker

    /// What the queue works with.
    private final class Worker: @unchecked Sendable {  // used on the queue only
        var options: Options
        var rules: MetricRules
        var directory = TextDirectory()
        var problems: [String] = []
        /// Makes timers of earlier settings end.
        var generation = 0

        init(_ options: Options, _ rules: MetricRules) {
            self.options = options
            self.rules = rules
        }
    }

    /// The source's name on the board: before all plugins.
    private static let source = " textfile"

    /// - Parameter taken: names that the files may not use.
    public init(options: Options, taken: Set<String>, board: ForeignBoard, logger: Logger) {
        self.board = board
        self.logger = logger
        worker = Worker(options, MetricRules(taken: taken, budget: options.mostSeries))
    }

    /// Looks for the first time, and from then on once an interval.
    public func start() {
        queue.async { self.look(self.worker.generation) }
    }

    /// Looks elsewhere from now on.
    public func apply(_ options: Options) {
        queue.async { [worker] in
            guard options != worker.options else { return }
            worker.options = options
            worker.rules.budget = options.mostSeries
            worker.generation += 1
            self.look(worker.generation)
        }
    }

    /// Ends after the look under way.
    public func stop() {
        queue.async { [worker] in worker.generation += 1 }
    }

    public func collect(into sink: inout SampleSink) {
        figures.withLock { figures in
            for (file, modified) in figures.times {
                sink.add(PluginMetrics.textfileTime, [Label("file", file)], modified.seconds)
            }
            if let hasProblem = figures.hasProblem { sink.add(PluginMetrics.textfileError, hasProblem ? 1 : 0) }
        }
    }

    private func look(_ generation: Int) {
        guard generation == worker.generation else { return }
        var reading = worker.directory.read(worker.options.directories)
        // Files may share a family, as long as its type is the same: together they are one source.
        let (families, losses) = ForeignFamily.join(reading.files.map(\.families))
        let (admitted, others) = worker.rules.admit(families)
        board.publish(admitted, by: Self.source)
        reading.problems += (losses + [others]).compactMap { $0.example.map { "left out: \($0)" } }
        for problem in reading.problems where !worker.problems.contains(problem) {
            logger.warning("textfile: \(problem)", source: "textfile")
        }
        worker.problems = reading.problems
        let hasProblem = worker.options.directories.isEmpty ? nil : !reading.problems.isEmpty
        figures.withLock {
            $0 = Figures(
                times: reading.files.map { (EscapedText($0.path.utf8).description, $0.modified) },
                hasProblem: hasProblem)
        }
        guard !worker.options.directories.isEmpty else { return }
        queue.asyncAfter(deadline: .now() + worker.options.interval.seconds) { self.look(generation) }
    }
}
