/// What an outcome means, and when to try again.
struct RetryPolicy: Equatable, Sendable {
    enum Verdict: Equatable, Sendable {
        case delivered
        /// Trying again would change nothing.
        case refused(reason: String)
        /// - Parameter after: what the receiver asked for; nil for the usual wait.
        case retry(reason: String, after: Duration?)
    }

    var first: Duration = .seconds(1)
    var longest: Duration = .seconds(300)

    static func verdict(_ outcome: HTTPOutcome) -> Verdict {
        switch outcome {
        case .failed(let reason): .retry(reason: reason, after: nil)
        case .taken: .delivered
        case .answered(status: 200..<300, retryAfter: _, body: _): .delivered
        case .answered(let status, let retryAfter, body: _) where status == 408 || status == 429 || status >= 500:
            .retry(reason: "status \(status)", after: retryAfter)
        case .answered(let status, retryAfter: _, body: _): .refused(reason: "status \(status)")
        }
    }

    /// How long to wait after a number of failures: twice as long each time, and half of it by chance, so that many hosts
    /// do not come back at once.
    ///
    /// - Parameters:
    ///   - failures: 1 or more.
    ///   - chance: from 0 up to 1.
    func wait(failures: Int, chance: Double) -> Duration {
        let doublings = min(failures - 1, 16)
        return min(longest, first * (1 << doublings)) * (0.5 + chance / 2)
    }
}
