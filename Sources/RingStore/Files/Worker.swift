import Glibc

/// A thread that does something again whenever it is woken, and nothing else meanwhile.
@safe final class Worker: @unchecked Sendable {  // what changes is behind the mutex
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let body: @Sendable () -> Void
    private var requested = 0
    private var done = 0
    private var isStopping = false
    private var thread = pthread_t()

    /// - Parameter name: what `ps -T` shows, at most 15 bytes.
    init(name: String, _ body: @escaping @Sendable () -> Void) {
        self.body = body
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(changed, nil)
        let box = unsafe Unmanaged.passRetained(Start(name, self))
        let result = unsafe pthread_create(
            &thread, nil,
            { raw in
                let start = unsafe Unmanaged<Start>.fromOpaque(raw!).takeRetainedValue()
                Worker.setName(start.name)
                start.worker.run()
                return nil
            }, box.toOpaque())
        precondition(result == 0, "pthread_create: errno \(result), the process may start no more threads")
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe pthread_cond_destroy(changed)
        unsafe mutex.deallocate()
        unsafe changed.deallocate()
    }

    /// Has it work again, soon.
    func wake() {
        locked {
            requested += 1
            unsafe pthread_cond_broadcast(changed)
        }
    }

    /// Has it work again, and waits until it did.
    func drain() {
        locked {
            requested += 1
            let target = requested
            unsafe pthread_cond_broadcast(changed)
            while done < target { unsafe pthread_cond_wait(changed, mutex) }
        }
    }

    /// Ends the thread, after what it is doing. Nobody may wait for it any more.
    func stop() {
        locked {
            isStopping = true
            unsafe pthread_cond_broadcast(changed)
        }
        pthread_join(thread, nil)
    }

    private func run() {
        while true {
            var target = 0
            let goesOn = locked {
                while requested == done, !isStopping { unsafe pthread_cond_wait(changed, mutex) }
                target = requested
                return requested != done
            }
            guard goesOn else { return }
            body()
            locked {
                done = target
                unsafe pthread_cond_broadcast(changed)
            }
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    private final class Start {
        let name: String
        let worker: Worker

        init(_ name: String, _ worker: Worker) {
            self.name = name
            self.worker = worker
        }
    }

    /// pthread_setname_np is a GNU extension, which Swift's glibc does not show.
    private static func setName(_ name: String) {
        let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = unsafe name.withCString { unsafe write(file, $0, strlen($0)) }
        close(file)
    }
}
