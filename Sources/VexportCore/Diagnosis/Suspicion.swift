/// A class' condition on a link, from the first look at it on: a finding once a later look, after the grace time, agrees.
struct Suspicion: Sendable {
    typealias Instant = ContinuousClock.Instant

    let kind: FindingKind
    let since: Timestamp
    /// When the grace time is over.
    let due: Instant
    /// When to look again.
    var lookAt: Instant
    private(set) var restsOn: FactKinds = []
    /// Set once it is a finding.
    private(set) var held: Diagnosed?

    init(_ kind: FindingKind, since: Moment, grace: Duration) {
        self.kind = kind
        self.since = since.timestamp
        due = since.instant + grace
        lookAt = due
    }

    /// Takes in a verdict.
    ///
    /// - Parameter confirmedAt: when what agrees with it was read again; nil when it is only the inventory's word.
    /// - Returns: whether what is held changed.
    mutating func take(_ verdict: Verdict, confirmedAt: Instant?) -> Bool {
        let before = held
        switch verdict {
        case .fine: held = nil
        case .unsure(let kinds):
            held = nil
            restsOn = kinds
        case .wrong(let diagnosed, let kinds):
            restsOn = kinds
            if held != nil || confirmedAt.map({ $0 >= due }) ?? false { held = diagnosed() }
        }
        return held != before
    }
}
