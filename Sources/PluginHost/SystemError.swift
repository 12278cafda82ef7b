import Glibc

/// What the system says of its errors. The one place that reads `errno`.
enum SystemError {
    static var last: Int32 { errno }

    static func text(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
