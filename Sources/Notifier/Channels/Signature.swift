internal import CCrypto

/// HMAC-SHA256 of a body, as receivers of webhooks check it. Source: RFC 2104.
enum Signature {
    static let header = "X-Vexport-Signature"

    /// `sha256=` and 64 hexadecimal digits.
    static func value(_ body: [UInt8], key: String) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let key = Array(key.utf8)
        unsafe HMAC(EVP_sha256(), key, Int32(key.count), body, body.count, &digest, &length)
        let digits = Array("0123456789abcdef".unicodeScalars)
        var text = "sha256="
        for byte in digest.prefix(Int(length)) {
            text.unicodeScalars.append(digits[Int(byte >> 4)])
            text.unicodeScalars.append(digits[Int(byte & 15)])
        }
        return text
    }
}
