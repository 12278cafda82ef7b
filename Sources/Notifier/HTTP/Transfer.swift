internal import CCurl
import Glibc

/// One request on its way, and what has come back of its answer.
@safe final class Transfer {
    /// Bytes of an answer that are kept, for the log.
    private static let longestAnswer = 512

    let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let body: [UInt8]
    private var answer: [UInt8] = []
    private var retryAfter: Duration?

    /// - Returns: nil when libcurl refuses one of the options.
    init?(_ request: HTTPRequest) {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = handle
        body = request.body
        guard configure(request) else { return nil }
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(headers)
    }

    func outcome(_ result: CURLcode) -> HTTPOutcome {
        guard result == CURLE_OK else {
            // libcurl's own text may name the URL's path, in which some receivers have their secret.
            return .failed(reason: unsafe String(cString: curl_easy_strerror(result)))
        }
        var status = 0
        unsafe ccurl_get_number(handle, CURLINFO_RESPONSE_CODE, &status)
        return .answered(status: status, retryAfter: retryAfter, body: String(decoding: answer, as: UTF8.self))
    }

    private func configure(_ request: HTTPRequest) -> Bool {
        let options = request.options
        var isGood = true
        func text(_ option: CURLoption, _ value: String?) {
            guard let value else { return }
            isGood = unsafe ccurl_set_text(handle, option, value) == CURLE_OK && isGood
        }
        func number(_ option: CURLoption, _ value: Int) {
            isGood = unsafe ccurl_set_number(handle, option, value) == CURLE_OK && isGood
        }
        text(CURLOPT_URL, request.url)
        text(CURLOPT_PROTOCOLS_STR, "http,https")
        text(CURLOPT_CUSTOMREQUEST, request.method)
        text(CURLOPT_USERAGENT, "vexport")
        text(CURLOPT_PROXY, options.proxy)
        text(CURLOPT_CAINFO, options.authorityFile)
        text(CURLOPT_SSLCERT, options.certificateFile)
        text(CURLOPT_SSLKEY, options.keyFile)
        number(CURLOPT_NOSIGNAL, 1)
        number(CURLOPT_FOLLOWLOCATION, 0)
        number(CURLOPT_TIMEOUT_MS, max(1, Int(options.timeout / .milliseconds(1))))
        number(CURLOPT_SSL_VERIFYPEER, options.skipsVerification ? 0 : 1)
        number(CURLOPT_SSL_VERIFYHOST, options.skipsVerification ? 0 : 2)
        if let credentials = request.credentials {
            number(CURLOPT_HTTPAUTH, 1)  // CURLAUTH_BASIC, a cast that Swift does not see
            text(CURLOPT_USERNAME, credentials.user)
            text(CURLOPT_PASSWORD, credentials.password)
        }
        // Expect: 100-continue would cost a second with servers that do not know it.
        for header in request.headers + [("Expect", "")] {
            guard let list = unsafe curl_slist_append(headers, "\(header.name): \(header.value)") else { return false }
            unsafe headers = list
        }
        isGood = unsafe ccurl_set_list(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK && isGood
        number(CURLOPT_POSTFIELDSIZE, body.count)
        // Copied, since an array's bytes may move.
        unsafe body.withUnsafeBytes {
            isGood =
                unsafe ccurl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress)) == CURLE_OK
                && isGood
        }
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        isGood =
            unsafe ccurl_set_writer(
                handle, CURLOPT_WRITEFUNCTION, CURLOPT_WRITEDATA, receiveBody, context) == CURLE_OK && isGood
        isGood =
            unsafe ccurl_set_writer(
                handle, CURLOPT_HEADERFUNCTION, CURLOPT_HEADERDATA, receiveHeader, context) == CURLE_OK && isGood
        return isGood
    }

    fileprivate func receive(body bytes: UnsafeRawBufferPointer) {
        unsafe answer += bytes.prefix(Self.longestAnswer - answer.count)
    }

    fileprivate func receive(header bytes: UnsafeRawBufferPointer) {
        let parts = unsafe String(decoding: bytes.prefix(256), as: UTF8.self)
            .split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "retry-after" else { return }
        let value = parts[1].filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
        let trimmed = value.drop { $0 == " " }
        retryAfter = RetryAfter.parse(String(trimmed), now: time(nil))
    }
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue().receive(
        body: UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue().receive(
        header: UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}
