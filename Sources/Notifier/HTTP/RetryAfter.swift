internal import CCurl

/// The Retry-After header: seconds, or a date. Source: RFC 9110, 10.2.3.
enum RetryAfter {
    /// A receiver may make us wait this long at most.
    static let longest = Duration.seconds(3600)

    /// - Parameter now: seconds since 1970.
    /// - Returns: nil when `text` is neither.
    static func parse(_ text: String, now: Int) -> Duration? {
        let seconds: Int
        if let number = Int(text) {
            seconds = number
        } else {
            let date = unsafe curl_getdate(text, nil)
            guard date >= 0 else { return nil }
            seconds = date - now
        }
        guard seconds >= 0 else { return .zero }
        return min(longest, .seconds(min(seconds, 1 << 32)))
    }
}
