import VexportCore

/// What an answer means, and when to try again.
struct RetryPolicy: Equatable, Sendable {
    var first: Duration = .seconds(1)
    var longest: Duration = .seconds(300)

    static func verdict(_ outcome: HTTPOutcome) -> DeliveryVerdict {
        switch outcome {
        case .failed(let reason): .retry(reason: reason)
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
