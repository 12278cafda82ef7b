import Glibc

/// A POSIX extended regular expression that a whole text must match. The standard library's `Regex` would cost megabytes,
/// and takes time without bound for some patterns.
@safe final class RegularExpression: @unchecked Sendable {  // regexec() only reads what regcomp() made
    private var compiled = unsafe regex_t()

    /// - Returns: nil when `pattern` is none.
    init?(_ pattern: String) {
        guard unsafe regcomp(&compiled, "^(\(pattern))$", REG_EXTENDED | REG_NOSUB) == 0 else { return nil }
    }

    deinit {
        unsafe regfree(&compiled)
    }

    func matches(_ text: String) -> Bool {
        unsafe regexec(&compiled, text, 0, nil, 0) == 0
    }
}
