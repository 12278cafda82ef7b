internal import CCurl
import Dispatch
import Glibc
import Synchronization
import VexportCore

/// Sends requests through libcurl, all at once on one thread of its own: a receiver that hangs keeps nobody waiting.
final class Transport: NotificationTaker {
    typealias Completion = @Sendable (DeliveryVerdict) -> Void

    private struct State {
        var waiting: [(request: HTTPRequest, completion: Completion)] = []
        var isStopping = false
    }

    private let state = Mutex(State())
    private let multi: Multi
    private let queue = DispatchQueue(label: "vexport.deliveries")
    private let ended = DispatchSemaphore(value: 0)

    /// libcurl's handle of many transfers.
    @safe private struct Multi: @unchecked Sendable {  // curl_multi_wakeup() is for any thread, the rest for one
        let handle: UnsafeMutableRawPointer
    }

    init() {
        curl_global_init(Int(CURL_GLOBAL_ALL))
        guard let handle = unsafe curl_multi_init() else { preconditionFailure("no memory for libcurl") }
        multi = unsafe Multi(handle: handle)
        queue.async { self.run() }
    }

    /// Sends a request. `completion` is called on the transport's thread.
    func deliver(_ request: HTTPRequest, _ completion: @escaping Completion) {
        state.withLock { $0.waiting.append((request, completion)) }
        unsafe curl_multi_wakeup(multi.handle)
    }

    /// Ends the thread. Transfers under way are broken off, and their completions never called.
    func stop() {
        state.withLock { $0.isStopping = true }
        unsafe curl_multi_wakeup(multi.handle)
        ended.wait()
    }

    private func run() {
        var transfers: [UnsafeMutableRawPointer: (transfer: Transfer, completion: Completion)] = unsafe [:]
        while true {
            let (requests, isStopping) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isStopping)
            }
            if isStopping { break }
            for (request, completion) in requests {
                guard let transfer = Transfer(request) else {
                    completion(.retry(reason: "libcurl can't make such a request"))
                    continue
                }
                unsafe transfers[transfer.handle] = (transfer, completion)
                unsafe curl_multi_add_handle(multi.handle, transfer.handle)
            }
            var running: Int32 = 0
            unsafe curl_multi_perform(multi.handle, &running)
            var left: Int32 = 0
            while let message = unsafe curl_multi_info_read(multi.handle, &left) {
                var handle: UnsafeMutableRawPointer?
                var result = CURLE_OK
                guard unsafe ccurl_finished(message, &handle, &result) != 0, let handle = unsafe handle else {
                    continue
                }
                unsafe curl_multi_remove_handle(multi.handle, handle)
                guard let (transfer, completion) = unsafe transfers.removeValue(forKey: handle) else { continue }
                completion(RetryPolicy.verdict(transfer.outcome(result)))
            }
            unsafe curl_multi_poll(multi.handle, nil, 0, 60_000, nil)
        }
        while let (handle, entry) = unsafe transfers.popFirst() {
            // It must outlive its place among the others.
            withExtendedLifetime(entry) { _ = unsafe curl_multi_remove_handle(multi.handle, handle) }
        }
        unsafe curl_multi_cleanup(multi.handle)
        ended.signal()
    }
}
