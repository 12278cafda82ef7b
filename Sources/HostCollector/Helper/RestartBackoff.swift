/// Decides how long to wait before a helper takes the place of one that ended. Time is a parameter.
struct RestartBackoff {
    static let first = Duration.milliseconds(100)
    static let longest = Duration.seconds(30)
    /// One that lived this long did its work, and was ended from outside.
    static let healthy = Duration.seconds(60)

    private var next = first

    /// - Parameter lifetime: of the helper that ended.
    mutating func delay(after lifetime: Duration) -> Duration {
        if lifetime >= Self.healthy { next = Self.first }
        defer { next = min(next * 2, Self.longest) }
        return next
    }
}
