import Dispatch
import Synchronization
public import VexportCore

/// Where text files and plugins put their metrics, and where scrapes find them, put together beforehand.
public final class ForeignBoard: MetricSource {
    private struct State {
        /// By source.
        var families: [String: [ForeignFamily]] = [:]
        /// Sources whose metrics are not on the page yet.
        var fresh: Set<String> = []
        var page = ForeignPage()
        var losses: [String: MetricLosses] = [:]
        var isScheduled = false
        /// When the next page may be made.
        var earliest = ContinuousClock.now
    }

    /// Making pages takes this part of the time at most, however often something changes.
    private static let share = 20

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "vexport.foreign")

    public init() {}

    /// Adds the metrics from outside.
    public func collect(into sink: inout SampleSink) {
        sink.add(state.withLock { $0.page })
    }

    /// Puts a source's metrics in the place of those before.
    ///
    /// - Parameter source: its name: where two say the same, that of the first in the alphabet counts.
    func publish(_ families: [ForeignFamily], by source: String) {
        let wait: Duration? = state.withLock { state in
            guard !families.isEmpty || state.families[source] != nil else { return nil }
            state.families[source] = families.isEmpty ? nil : families
            state.fresh.insert(source)
            guard !state.isScheduled else { return nil }
            state.isScheduled = true
            return max(.zero, state.earliest - .now)
        }
        if let wait { queue.asyncAfter(deadline: .now() + wait.seconds) { self.makePage() } }
    }

    /// What was left out of a source's metrics since the last call, because others have it.
    func takeLosses(of source: String) -> MetricLosses? {
        state.withLock { $0.losses.removeValue(forKey: source) }
    }

    private func makePage() {
        let (sources, fresh) = state.withLock { state in
            defer { (state.fresh, state.isScheduled) = ([], false) }
            return (state.families.sorted { $0.key < $1.key }, state.fresh)
        }
        let start = ContinuousClock.now
        let (families, losses) = ForeignFamily.join(sources.map(\.value))
        let page = ForeignPage(families)
        let end = ContinuousClock.now
        state.withLock { state in
            state.page = page
            state.earliest = end + (end - start) * (Self.share - 1)
            for (source, losses) in zip(sources, losses) where fresh.contains(source.key) && !losses.isEmpty {
                state.losses[source.key, default: MetricLosses()].add(losses)
            }
        }
    }
}
