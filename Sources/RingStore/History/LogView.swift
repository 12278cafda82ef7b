import Synchronization

/// A log as it was at one moment, for those who read it while more is appended.
final class LogView: Sendable {
    private let region: LogRegion
    private let end: Int
    private let state: Mutex<State>
    private let origin: Origin

    private struct State {
        var contents: LogContents?
        /// The groups of each subject.
        var groups: [SubjectID: [Int]] = [:]
        /// Who is read after another mostly is of the same group.
        var group: (number: Int, rows: RowGroup)?
    }

    /// - Parameter origin: whose log it is.
    init(_ log: TickLog) {
        region = log.region
        end = log.region.committed
        origin = log.origin
        state = Mutex(State())
    }

    /// Visits the samples of a subject, piece by piece.
    func forEachPiece(
        of subject: SubjectID, column: Int,
        _ body: (_ ticks: [Tick], _ runs: [Range<Int>], _ values: [UInt64]) throws(FormatError) -> Void
    ) throws(FormatError) {
        for piece in try pieces(of: subject, column: column) { try body(piece.ticks, piece.runs, piece.values) }
    }

    private struct Samples {
        var ticks: [Tick]
        var runs: [Range<Int>]
        var values: [UInt64]
    }

    private func pieces(of subject: SubjectID, column: Int) throws(FormatError) -> [Samples] {
        try state.withLock { state throws(FormatError) in
            let region = region
            let bytes = region.bytes(end)
            let contents = state.contents ?? LogContents(bytes, origin: origin, verifying: false)
            if state.contents == nil {
                state.contents = contents
                for (group, arrivals) in contents.arrivals {
                    for arrival in arrivals where state.groups[arrival.subject]?.last != group {
                        state.groups[arrival.subject, default: []].append(group)
                    }
                }
            }
            var pieces: [Samples] = []
            for number in state.groups[subject] ?? [] {
                if state.group?.number != number {
                    state.group = (number, try RowGroup(number, of: contents, bytes))
                }
                guard let rows = state.group?.rows else { continue }
                for stay in rows.stays where stay.subject == subject {
                    let runs = rows.runs(of: stay)
                    guard !runs.isEmpty else { continue }
                    let zeros = [UInt64](repeating: 0, count: runs.reduce(0) { $0 + $1.count })
                    pieces.append(
                        Samples(
                            ticks: contents.ticks, runs: runs,
                            values: rows.values(of: stay, column: column, runs: runs) ?? zeros))
                }
            }
            for farewell in contents.farewells where farewell.subject == subject {
                let run = farewell.tick..<(farewell.tick + 1)
                pieces.append(Samples(ticks: contents.ticks, runs: [run], values: [farewell.values[column]]))
            }
            return pieces.sorted { $0.runs[0].lowerBound < $1.runs[0].lowerBound }
        }
    }
}
