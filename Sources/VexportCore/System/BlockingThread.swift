import Glibc

/// A thread of its own for work that blocks in the kernel.
public struct BlockingThread: Sendable {
    private let handle: pthread_t

    /// Starts a thread.
    ///
    /// - Parameter name: what `ps -T` shows, at most 15 bytes.
    public init(name: String, _ body: @escaping @Sendable () -> Void) {
        final class Box {
            let name: String
            let body: @Sendable () -> Void
            init(_ name: String, _ body: @escaping @Sendable () -> Void) {
                self.name = name
                self.body = body
            }
        }
        var handle = pthread_t()
        let box = unsafe Unmanaged.passRetained(Box(name, body))
        let result = unsafe pthread_create(
            &handle, nil,
            { raw in
                let box = unsafe Unmanaged<Box>.fromOpaque(raw!).takeRetainedValue()
                BlockingThread.setName(box.name)
                box.body()
                return nil
            }, box.toOpaque())
        precondition(result == 0, "pthread_create: errno \(result), the process may start no more threads")
        self.handle = handle
    }

    /// Names the calling thread. pthread_setname_np is a GNU extension, which Swift's glibc does not show.
    private static func setName(_ name: String) {
        let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = unsafe name.withCString { unsafe write(file, $0, strlen($0)) }
        close(file)
    }

    /// Waits for its end.
    public func join() {
        pthread_join(handle, nil)
    }
}
